// The smallest possible Worker. Its start shows the cost of the platform and of the local stores.
export default {
  fetch: () => new Response('hello'),
  queue: () => undefined,
  scheduled: () => undefined,
}
