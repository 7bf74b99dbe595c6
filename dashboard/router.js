// Which page is shown: the part of the address after `#`, so that the server has one page and nothing to rewrite.

/** `/tasks/{id}?state=failed` against `#/tasks/task_1?state=failed`: the page and its parameters. */
export class Router {
  #pages
  #show

  /**
   * - pages: `[{ path: '/tasks', … }]`; a path's `{names}` become parameters.
   * - show: is called with `(page, params)`; page is null for an address that leads nowhere.
   */
  constructor(pages, show) {
    this.#pages = pages
    this.#show = show
    this.onChange = () => this.#change()
  }

  start() {
    addEventListener('hashchange', this.onChange)
    this.#change()
  }

  stop() { removeEventListener('hashchange', this.onChange) }

  /** Goes to a page, such as `/tasks?state=failed`. With `replace` the present address is left out of the history. */
  navigate(address, { replace = false } = {}) {
    if (location.hash === `#${address}`) {
      this.#change()
    } else if (replace) {
      history.replaceState(null, '', `#${address}`)
      this.#change()
    } else {
      location.hash = address
    }
  }

  /** Changes the query of the present address without showing the page anew. */
  static setQuery(values) {
    const [path, text] = current().split('?')
    const query = new URLSearchParams(text)
    for (const [name, value] of Object.entries(values)) {
      if (value === null || value === undefined || value === '') query.delete(name)
      else query.set(name, value)
    }
    const whole = query.toString() ? `${path}?${query}` : path
    history.replaceState(null, '', `#${whole}`)
  }

  #change() {
    const [path, text] = current().split('?')
    for (const page of this.#pages) {
      const params = match(page.path, path)
      if (params) return this.#show(page, { ...Object.fromEntries(new URLSearchParams(text)), ...params })
    }
    return this.#show(null, {})
  }
}

/** The present address, from the `/` on. */
export function current() {
  return location.hash.startsWith('#/') ? location.hash.slice(1) : '/'
}

/** The parameters of a path that fits the pattern; null where it does not. `{id?}` at the end may be missing. */
export function match(pattern, path) {
  const wanted = pattern.split('/').filter(Boolean)
  const given = path.split('/').filter(Boolean)
  const params = {}
  for (const [index, part] of wanted.entries()) {
    const value = given[index]
    if (part.startsWith('{')) {
      const isOptional = part.endsWith('?}')
      if (value === undefined && !isOptional) return null
      if (value !== undefined) params[part.slice(1, isOptional ? -2 : -1)] = decode(value)
    } else if (part !== value) return null
  }
  return given.length > wanted.length ? null : params
}

function decode(text) {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
