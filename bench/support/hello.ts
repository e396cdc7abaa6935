// The least that a Worker can be: what starts with it is the platform, and the local stores of a
// configuration.
export default {
  fetch: () => new Response('hello'),
  queue: () => undefined,
  scheduled: () => undefined,
}
