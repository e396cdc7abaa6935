const known: Readonly<Record<string, string>> = { github: 'GitHub', gitlab: 'GitLab', linkedin: 'LinkedIn' }

/** What people call a provider. @param name from the settings, such as `google` */
export const providerName = (name: string): string => known[name] ?? name.charAt(0).toUpperCase() + name.slice(1)
