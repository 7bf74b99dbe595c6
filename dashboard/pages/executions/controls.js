// What people do to a run.
import { button } from '../../components/index.js'

const open = ['queued', 'running', 'waiting', 'paused']

/** The buttons that make sense in the run's state. */
export function controls(ctx, run, done) {
  const buttons = []
  const add = (verb, label, props, question) => buttons.push(button(label, {
    ...props,
    onclick: async (event) => {
      const node = event.currentTarget
      if (question && !(await ctx.confirm({ title: `${label} this run?`, text: question, action: label, danger: verb === 'cancel' }))) return
      node.disabled = true
      try {
        await ctx.api.post(ctx.api.path`/v1/executions/${run.id}/${verb}`, {})
        ctx.toast(said[verb])
        await done()
      } catch (error) {
        ctx.toast.error(error)
        node.disabled = false
      }
    },
  }))
  if (['queued', 'running', 'waiting'].includes(run.state) && run.requested !== 'pause') add('pause', 'Pause', { icon: 'pause' })
  if (run.state === 'paused' || run.requested === 'pause') add('resume', 'Resume', { icon: 'play', kind: 'primary' })
  if (run.state === 'failed') add('retry', 'Retry', { icon: 'again', kind: 'primary' })
  if (open.includes(run.state) && run.requested !== 'cancel') {
    add('cancel', 'Cancel', { icon: 'stop', kind: 'danger' }, 'It ends, with everything that it began. What was done stays done.')
  }
  return buttons
}

const said = { pause: 'It stops after the step in progress.', resume: 'It goes on.', cancel: 'It is being ended.',
  retry: 'It is done again from the first step that failed.' }
