// Written by `npm run generate -- pages` from the folder `browser`: change that, not this.
export const packedFiles = {
  'chunk-6DYSRPBN.js': () => import('./chunk-6DYSRPBN.js.gz'),
  'chunk-Z5VFOVRL.js': () => import('./chunk-Z5VFOVRL.js.gz'),
  'home-NCDXVZ4O.js': () => import('./home-NCDXVZ4O.js.gz'),
  'start_de-K7PBXDHN.js': () => import('./start_de-K7PBXDHN.js.gz'),
  'start_en-HYPRJUA5.js': () => import('./start_en-HYPRJUA5.js.gz'),
  'theme-JYDB6EIN.css': () => import('./theme-JYDB6EIN.css.gz'),
}
