// Every page there is. What is not named here does not exist.

/** `load` gives the module of a page; `nav` is its name in the menu, and only those that have one are shown there. */
export const pages = [
  { path: '/', redirect: '/agents' },
  { path: '/agents', nav: 'Agents', icon: 'agents', scope: 'agents:read', load: () => import('./agents.js') },
  { path: '/agents/{id}', parent: '/agents', scope: 'agents:read', load: () => import('./agent.js') },
  { path: '/chat/{id?}', nav: 'Chat', icon: 'chat', scope: 'conversations:read', load: () => import('./chat.js') },
  { path: '/tasks/{id?}', nav: 'Tasks', icon: 'tasks', scope: 'tasks:read', load: () => import('./tasks.js') },
  { path: '/executions/{id?}', nav: 'Executions', icon: 'executions', scope: 'executions:read', load: () => import('./executions.js') },
  { path: '/workflows/{id?}', nav: 'Workflows', icon: 'workflows', scope: 'workflows:read', load: () => import('./workflows.js') },
  { path: '/approvals/{id?}', nav: 'Approvals', icon: 'approvals', scope: 'approvals:read', badge: 'approvals', load: () => import('./approvals.js') },
  { path: '/usage', nav: 'Usage', icon: 'usage', scope: 'billing:read', load: () => import('./usage.js') },
  { path: '/monitoring', nav: 'Monitoring', icon: 'monitoring', scope: 'executions:read', load: () => import('./monitoring.js') },
  { path: '/hooks/{id?}', nav: 'Hooks', icon: 'hooks', scope: 'hooks:read', load: () => import('./hooks.js') },
  { path: '/activity', nav: 'Activity', icon: 'activity', load: () => import('./activity.js') },
  { path: '/settings', nav: 'Settings', icon: 'settings', load: () => import('./settings.js') },
]
