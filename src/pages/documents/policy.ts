/**
 * Content security policy of every page: nothing inline, nothing from another origin, no form that the
 * browser sends by itself, and no script that makes markup of text (Trusted Types).
 */
export const PAGE_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "connect-src 'self'",
  "form-action 'none'",
  "base-uri 'none'",
  "require-trusted-types-for 'script'",
  "trusted-types 'none'",
  "frame-ancestors 'none'",
].join('; ')
