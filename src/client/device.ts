/**
 * Where the device token is kept between starts of a program. It opens nothing, and stays after signing out:
 * it is what lets the user sign in from this device while strangers try wrong passwords.
 */
export interface DeviceStore {
  load(): string | undefined | Promise<string | undefined>
  save(deviceToken: string): void | Promise<void>
}

/** Keeps the device token of the last sign-in or reset. One that belongs to another address does no harm. */
export function keepDevice(store: DeviceStore | undefined) {
  let deviceToken: string | undefined

  return {
    /** The member of a sign-in's body; nothing while there is no token. */
    async member(): Promise<{ readonly device_token?: string }> {
      deviceToken ??= await store?.load()
      return deviceToken === undefined ? {} : { device_token: deviceToken }
    },
    /** Takes the token out of an answer that has one. */
    async take(answer: unknown): Promise<void> {
      if (typeof answer !== 'object' || answer === null || !('device_token' in answer)) return
      deviceToken = String(answer.device_token)
      await store?.save(deviceToken)
    },
  }
}
