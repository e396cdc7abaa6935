// Written by `npm run generate -- pages` from the folder `browser`: change that, not this.
export const packedFiles = {
  'chunk-EKKQQZTA.js': () => import('./chunk-EKKQQZTA.js.gz'),
  'chunk-RMVKEFY5.js': () => import('./chunk-RMVKEFY5.js.gz'),
  'home-RH6JFDSU.js': () => import('./home-RH6JFDSU.js.gz'),
  'start_de-57AVBZAL.js': () => import('./start_de-57AVBZAL.js.gz'),
  'start_en-7HSQUQAC.js': () => import('./start_en-7HSQUQAC.js.gz'),
  'theme-JYDB6EIN.css': () => import('./theme-JYDB6EIN.css.gz'),
}
