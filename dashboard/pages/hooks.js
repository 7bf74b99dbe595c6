// Ways in for messages of other systems, and ways out for events.
import { showHook } from './hooks/detail.js'
import { showHooks } from './hooks/list.js'

export default {
  title: 'Hooks',
  path: '/hooks/{id?}',
  render: (root, ctx) => (ctx.params.id ? showHook(root, ctx) : showHooks(root, ctx)),
}
