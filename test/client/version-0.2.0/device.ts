/**
 * Stores the device token between starts of a program. The token grants no access and stays after signing
 * out. With it, the user can sign in from this device even while an attacker tries wrong passwords.
 */
export interface DeviceStore {
  load(): string | undefined | Promise<string | undefined>
  save(deviceToken: string): void | Promise<void>
}

/**
 * Keeps the device token of the last sign-in or password reset. Sending a token of another address does no
 * harm.
 */
export function keepDevice(store: DeviceStore | undefined) {
  let deviceToken: string | undefined

  return {
    /** The body member `device_token` for a sign-in; empty if there is no token. */
    async member(): Promise<{ readonly device_token?: string }> {
      deviceToken ??= await store?.load()
      return deviceToken === undefined ? {} : { device_token: deviceToken }
    },
    /** Keeps the device token of an answer, if it has one. */
    async take(answer: unknown): Promise<void> {
      if (typeof answer !== 'object' || answer === null || !('device_token' in answer)) return
      deviceToken = String(answer.device_token)
      await store?.save(deviceToken)
    },
  }
}
