// Every run of anything: a list, and each run with what it did.
import { showExecution } from './executions/detail.js'
import { showExecutions } from './executions/list.js'

export default {
  title: 'Executions',
  path: '/executions/{id?}',
  render: (root, ctx) => (ctx.params.id ? showExecution(root, ctx) : showExecutions(root, ctx)),
}
