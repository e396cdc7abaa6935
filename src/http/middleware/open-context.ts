import { createMiddleware } from 'hono/factory'
import { sendRecordedEvents } from '../../compliance/archive/events/send-events.ts'
import type { ClientDetails } from '../../core/client-details.ts'
import { chooseLocale } from '../../mail/choose-locale.ts'
import { sendOrderedMail } from '../../mail/send-mail-jobs.ts'
import type { HttpContext, HttpEnvironment, OpenForRequest } from '../environment.ts'

const MAX_USER_AGENT = 256

interface Serving {
  /** Path pattern of the route; undefined if no route matched. */
  readonly route: string | undefined
  readonly acceptsBookmark?: true | undefined
}

/**
 * Opens the context that all verbs of this request share. After the answer, it sends the recorded events and
 * mails to their queues.
 */
export const withContext = (open: OpenForRequest, { route, acceptsBookmark }: Serving) =>
  createMiddleware<HttpEnvironment>(async (c, next) => {
    c.set('route', route)
    let isAnswered = false
    // Work that goes on after the answer may record events as well, such as the end of an export.
    const thenSend = async (work: Promise<unknown>) => {
      await work
      const { ctx } = c.var
      if (isAnswered && ctx.outbox.events.size > 0) await sendRecordedEvents(ctx)
    }
    const facts = {
      requestId: c.get('requestId'),
      now: Date.now(),
      client: clientOf(c),
      locale: chooseLocale({ acceptLanguage: c.req.header('accept-language') }),
      defer: (work: Promise<unknown>) => c.executionCtx.waitUntil(thenSend(work)),
    }
    const sent = acceptsBookmark ? c.req.header('x-d1-bookmark') : undefined
    const { ctx, bookmark, phases } = await open(c.env, facts, sent)
    c.set('ctx', ctx)
    c.set('phases', phases)
    c.set('bookmark', bookmark)
    await next()
    isAnswered = true
    if (ctx.outbox.hasEvents) ctx.defer(sendRecordedEvents(ctx))
    if (ctx.outbox.mailJobs.size > 0) ctx.defer(sendOrderedMail(ctx))
  })

/**
 * The client's IP address and device. The address comes only from Cloudflare's own header, because a client
 * can set all others.
 */
function clientOf(c: HttpContext): ClientDetails {
  const { city, country } = c.req.raw.cf ?? {}
  const ip = c.req.header('cf-connecting-ip')
  const userAgent = c.req.header('user-agent')?.slice(0, MAX_USER_AGENT).toWellFormed()
  return {
    ...(ip !== undefined && { ip }),
    ...(userAgent !== undefined && { user_agent: userAgent }),
    ...(typeof city === 'string' && { city }),
    ...(typeof country === 'string' && { country }),
  }
}
