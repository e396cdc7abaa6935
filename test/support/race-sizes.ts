/** The values of `SIZES`, as a binding of the tests in workerd. */
export const raceSizes = { everyTime: '2,16', deep: '2,16,100' } as const
