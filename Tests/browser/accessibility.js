// What a program can see of a page's accessibility, by the rules of WCAG 2.2 that most pages break. An expression: its
// value is the list of what is wrong.
(() => {
  const found = []
  const name = (node) => `${node.localName}${node.id ? `#${node.id}` : ''}${node.className && typeof node.className === 'string' ? `.${node.className.trim().replace(/\s+/g, '.')}` : ''} "${(node.textContent ?? '').trim().slice(0, 40)}"`
  const say = (rule, node) => found.push(`${rule}: ${node ? name(node) : ''}`)
  const modal = [...document.querySelectorAll('dialog[open]')].at(-1)
  const root = modal ?? document.body
  const isSeen = (node) => node.checkVisibility({ checkOpacity: true, checkVisibilityCSS: true, opacityProperty: true, visibilityProperty: true, contentVisibilityAuto: true }) && !node.closest('[aria-hidden=true]')
  const textOf = (ids) => ids.split(/\s+/).map((id) => document.getElementById(id)?.textContent ?? '').join(' ').trim()
  const accessibleName = (node) => {
    const labelledby = node.getAttribute('aria-labelledby')
    if (labelledby && textOf(labelledby)) return textOf(labelledby)
    const label = node.getAttribute('aria-label')?.trim()
    if (label) return label
    if (node.labels?.length > 0) return [...node.labels].map((one) => one.textContent).join(' ').trim()
    if (node.localName === 'img') return node.getAttribute('alt')
    if (['input', 'select', 'textarea'].includes(node.localName)) return node.title?.trim() || ''
    return node.textContent.trim() || node.title?.trim() || ''
  }

  if (!document.documentElement.lang) say('the page has no language')
  if (!document.title.trim()) say('the page has no title')
  if (!modal) {
    for (const landmark of ['main', 'header, [role=banner]', 'nav']) {
      if (!document.querySelector(landmark)) say(`there is no landmark ${landmark}`)
    }
    if (document.querySelectorAll('main').length > 1) say('there are several main landmarks')
    const firsts = [...document.querySelectorAll('main h1')]
    if (firsts.length !== 1) say(`${firsts.length} first headings`)
    const names = [...document.querySelectorAll('nav')].map(accessibleName)
    if (new Set(names).size !== names.length) say('two navigations of one name')
  }

  const ids = new Map()
  for (const node of document.querySelectorAll('[id]')) {
    if (ids.has(node.id)) say('an id twice', node)
    ids.set(node.id, node)
  }
  for (const node of root.querySelectorAll('[aria-labelledby], [aria-describedby], [aria-controls]')) {
    for (const attribute of ['aria-labelledby', 'aria-describedby', 'aria-controls']) {
      for (const id of (node.getAttribute(attribute) ?? '').split(/\s+/).filter(Boolean)) if (!ids.has(id)) say(`${attribute} leads nowhere`, node)
    }
  }

  const controls = 'a[href], button, input:not([type=hidden]), select, textarea, summary, [role=button], [role=tab], [role=switch], [role=checkbox], [tabindex="0"]'
  for (const node of root.querySelectorAll(controls)) {
    if (!isSeen(node)) continue
    if (!accessibleName(node)) say('a control has no name', node)
    if (node.tabIndex > 0) say('a positive tabindex', node)
    if (node.parentElement.closest('button, a[href], summary') && node.matches('button, a[href], input, select')) say('a control in a control', node)
    const box = node.getBoundingClientRect()
    const isInline = getComputedStyle(node).display === 'inline'
    // 2.5.8: 24 by 24, but for links within text and where there is enough room around.
    if (!isInline && !node.matches('summary, input[type=checkbox], input[type=radio], [role=row], .link') && (box.width < 23.5 || box.height < 23.5) && box.width > 1) say(`a target of ${Math.round(box.width)} by ${Math.round(box.height)}`, node)
  }
  for (const node of root.querySelectorAll('input:not([type=hidden]), select, textarea')) {
    if (isSeen(node) && !accessibleName(node)) say('a field without a label', node)
  }
  for (const node of root.querySelectorAll('img')) if (!node.hasAttribute('alt')) say('a picture without a text', node)
  for (const node of root.querySelectorAll('svg')) {
    if (isSeen(node) && !node.getAttribute('aria-label') && !node.getAttribute('aria-labelledby') && !node.querySelector('title')) say('a drawing without a text', node)
  }

  const roles = new Set(`alert alertdialog application article banner button cell checkbox columnheader combobox complementary contentinfo definition dialog document feed figure form grid gridcell group heading img link list listbox listitem log main math menu menubar menuitem meter navigation none note option presentation progressbar radio radiogroup region row rowgroup rowheader scrollbar search searchbox separator slider spinbutton status switch tab table tablist tabpanel term textbox timer toolbar tooltip tree treegrid treeitem`.split(' '))
  const parents = { tab: ['tablist'], row: ['table', 'grid', 'rowgroup', 'treegrid'], cell: ['row'], rowheader: ['row'], columnheader: ['row'], gridcell: ['row'], option: ['listbox', 'group'], listitem: ['list'], rowgroup: ['table', 'grid', 'treegrid'] }
  for (const node of root.querySelectorAll('[role]')) {
    const role = node.getAttribute('role')
    if (!roles.has(role)) say(`an unknown role ${role}`, node)
    if (parents[role]) {
      let above = node.parentElement
      while (above && (above.getAttribute('role') === 'presentation' || above.getAttribute('role') === 'none' || (!above.getAttribute('role') && ['div', 'span'].includes(above.localName)))) above = above.parentElement
      if (!parents[role].includes(above?.getAttribute('role'))) say(`a ${role} outside of ${parents[role]}`, node)
    }
    if (['dialog', 'alertdialog', 'tabpanel', 'region', 'table', 'grid', 'toolbar'].includes(role) && isSeen(node) && !node.getAttribute('aria-label') && !node.getAttribute('aria-labelledby')) say(`a ${role} without a name`, node)
  }
  for (const node of root.querySelectorAll('ul, ol')) {
    for (const child of node.children) if (!['li', 'script', 'template'].includes(child.localName)) say('something else than an item in a list', child)
  }

  let level = modal ? 1 : 0
  for (const node of root.querySelectorAll('h1, h2, h3, h4, h5, h6')) {
    if (!isSeen(node)) continue
    const own = Number(node.localName[1])
    // What a message says has headings of its own, and so do the chats beside the page.
    if (node.closest('.prose, .dock')) continue
    if (own > level + 1) say(`a heading of level ${own} after ${level}`, node)
    level = own
  }

  // Contrast, 1.4.3: 4.5, or 3 for large letters.
  const parse = (text) => {
    const parts = text.match(/[\d.]+/g)?.map(Number) ?? []
    if (text.startsWith('color(srgb')) return [parts[0] * 255, parts[1] * 255, parts[2] * 255, parts[3] ?? 1]
    return [parts[0] ?? 0, parts[1] ?? 0, parts[2] ?? 0, parts[3] ?? 1]
  }
  const over = (top, below) => [0, 1, 2].map((at) => top[at] * top[3] + below[at] * (1 - top[3])).concat(1)
  const luminance = (colour) => {
    const [r, g, b] = colour.map((part) => part / 255).map((part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4))
    return 0.2126 * r + 0.7152 * g + 0.0722 * b
  }
  const background = (node) => {
    const layers = []
    for (let at = node; at; at = at.parentElement) {
      const style = getComputedStyle(at)
      if (style.backgroundImage !== 'none') return null
      const colour = parse(style.backgroundColor)
      if (colour[3] > 0) layers.push(colour)
      if (colour[3] === 1) break
    }
    return layers.reverse().reduce((below, top) => over(top, below), [255, 255, 255, 1])
  }
  const walker = document.createTreeWalker(root, NodeFilter.SHOW_TEXT)
  const seen = new Set()
  while (walker.nextNode()) {
    const node = walker.currentNode.parentElement
    if (!walker.currentNode.data.trim() || seen.has(node) || !isSeen(node) || node.closest('option, :disabled, .visually-hidden, svg, [aria-disabled=true]')) continue
    seen.add(node)
    const style = getComputedStyle(node)
    const behind = background(node)
    if (!behind) continue
    const front = over(parse(style.color), behind)
    const [light, dark] = [luminance(front), luminance(behind)].sort((a, b) => b - a)
    const ratio = (light + 0.05) / (dark + 0.05)
    const size = Number.parseFloat(style.fontSize)
    const isLarge = size >= 24 || (size >= 18.66 && Number(style.fontWeight) >= 700)
    if (ratio < (isLarge ? 3 : 4.5)) say(`a contrast of ${ratio.toFixed(2)}`, node)
  }

  // 1.4.10: nothing makes the page itself wider than the window.
  if (document.documentElement.scrollWidth > innerWidth + 1) say(`the page is ${document.documentElement.scrollWidth - innerWidth} pixels too wide`)
  return [...new Set(found)]
})()
