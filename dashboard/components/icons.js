// Drawings of our own, 24 by 24, in the colour of the text.
import { svg } from '../dom.js'

const paths = {
  agents: 'M12 12a4 4 0 1 0 0-8 4 4 0 0 0 0 8Zm-7 8c.6-3.4 3.5-5 7-5s6.400 1.600 7 5',
  chat: 'M4 5h16v11H9l-5 4V5Z',
  tasks: 'M9 6h11M9 12h11M9 18h11M4 6l1 1 2-2M4 12l1 1 2-2M4 18l1 1 2-2',
  executions: 'M5 4v16M5 7h7a3 3 0 0 1 3 3v4a3 3 0 0 0 3 3h1M17 14l3 3-3 3',
  workflows: 'M4 4h6v5H4zM14 15h6v5h-6zM7 9v4a2 2 0 0 0 2 2h5M14 4h6v5h-6z',
  approvals: 'M12 3l7 3v6c0 4.500-3 7.500-7 9-4-1.500-7-4.500-7-9V6l7-3Zm-3 9 2 2 4-4',
  usage: 'M4 20V4M4 20h16M8 16v-4M12 16V8M16 16v-6',
  monitoring: 'M3 12h4l2-6 4 12 2-6h6',
  hooks: 'M10 14a4 4 0 0 0 6 0l3-3a4 4 0 0 0-6-6l-1 1M14 10a4 4 0 0 0-6 0l-3 3a4 4 0 0 0 6 6l1-1',
  activity: 'M12 7v5l3 2M12 21a9 9 0 1 0-9-9M3 12l-1-3M3 12l3-1',
  settings: 'M12 15a3 3 0 1 0 0-6 3 3 0 0 0 0 6Zm0-12v3m0 12v3M5.600 5.600l2.100 2.100m8.600 8.600 2.100 2.100M3 12h3m12 0h3M5.600 18.400l2.100-2.100m8.600-8.600 2.100-2.100',
  plus: 'M12 5v14M5 12h14', close: 'M6 6l12 12M18 6 6 18', search: 'M11 18a7 7 0 1 0 0-14 7 7 0 0 0 0 14Zm5-2 4 4',
  check: 'M5 12l5 5L19 7', chevron: 'M9 6l6 6-6 6', down: 'M6 9l6 6 6-6', up: 'M6 15l6-6 6 6', menu: 'M4 7h16M4 12h16M4 17h16',
  copy: 'M9 9h11v11H9zM5 15H4V4h11v1', again: 'M4 12a8 8 0 0 1 14-5l2 2M20 4v5h-5M20 12a8 8 0 0 1-14 5l-2-2M4 20v-5h5',
  stop: 'M7 7h10v10H7z', send: 'M4 12l16-8-5 16-3-7-8-1Z', edit: 'M4 20h4L19 9l-4-4L4 16v4Zm9-13 4 4',
  trash: 'M5 7h14M10 7V4h4v3M7 7l1 13h8l1-13M10 11v5M14 11v5', history: 'M4 12a8 8 0 1 0 3-6L4 8M4 4v4h4M12 8v4l3 2',
  pause: 'M8 5v14M16 5v14', play: 'M7 5l12 7-12 7V5Z', warning: 'M12 4 2.500 20h19L12 4Zm0 6v4m0 3v.01',
  info: 'M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18Zm0-10v5m0-8v.01', tool: 'M14 6a4 4 0 0 0-5 5l-6 6 3 3 6-6a4 4 0 0 0 5-5l-2.500 2.500-2.500-.5-.5-2.500L14 6Z',
  sun: 'M12 16a4 4 0 1 0 0-8 4 4 0 0 0 0 8Zm0-13v2m0 14v2M4.900 4.900l1.400 1.400m11.400 11.400 1.400 1.400M3 12h2m14 0h2M4.900 19.100l1.400-1.400M17.700 6.300l1.400-1.400',
  moon: 'M20 14a8 8 0 1 1-10-10 7 7 0 0 0 10 10Z', exit: 'M14 4h5v16h-5M4 12h11M11 8l4 4-4 4', more: 'M6 12v.01M12 12v.01M18 12v.01',
  download: 'M12 4v11m-5-5 5 5 5-5M5 20h14', external: 'M10 6H5v13h13v-5M14 4h6v6M20 4l-9 9', minus: 'M5 12h14',
  expand: 'M14 4h6v6M20 4l-7 7M10 20H4v-6M4 20l7-7', clock: 'M12 7v5l3 2M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18Z',
  filter: 'M4 5h16l-6 8v6l-4-2v-4L4 5Z', bell: 'M6 17V11a6 6 0 0 1 12 0v6l1.500 1.500h-15L6 17Zm4 3h4', key: 'M15 9a4 4 0 1 0-3.500 4L4 20v-3h3v-3l3-1',
}

/** A drawing by its name; screen readers pass over it. */
export function icon(name, size = 20) {
  return svg('svg', {
    class: 'icon', viewBox: '0 0 24 24', width: size, height: size, fill: 'none', stroke: 'currentColor',
    'stroke-width': 1.8, 'stroke-linecap': 'round', 'stroke-linejoin': 'round', 'aria-hidden': 'true', focusable: 'false',
  }, svg('path', { d: paths[name] ?? paths.info }))
}
