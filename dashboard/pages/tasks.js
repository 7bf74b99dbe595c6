// What agents are to do: a list, and each task with its history.
import { showTask } from './tasks/detail.js'
import { showTasks } from './tasks/list.js'

export default {
  title: 'Tasks',
  path: '/tasks/{id?}',
  render: (root, ctx) => (ctx.params.id ? showTask(root, ctx) : showTasks(root, ctx)),
}
