// Where the nodes and edges of a directed graph stand: layers from top to bottom, few crossings, room for names.
// After Sugiyama, Tagawa and Toda (1981): circles are broken, layers found by longest paths, long edges given a place in
// every layer that they pass, the order in the layers improved by medians. It touches nothing of the page.

/** Sizes in pixels. */
export const sizes = { width: 196, height: 66, gapX: 32, gapY: 56, lane: 20, margin: 16 }

/**
 * - nodes: `[{ id }]`, in the order of the document.
 * - edges: `[{ from, to }]`; those to nodes that are not there are left out.
 *
 * Gives `{ width, height, nodes: Map(id → {x, y}), edges: [{ edge, points, isReturning }] }`; x and y are a node's centre,
 * points lead from the border of one to the border of the other.
 */
export function layout(nodes, edges) {
  const known = new Map(nodes.map((node, index) => [node.id, index]))
  const usable = edges.filter((edge) => known.has(edge.from) && known.has(edge.to) && edge.from !== edge.to)
  const returning = findReturning(nodes, usable)
  const links = usable.map((edge) => returning.has(edge)
    ? { edge, from: edge.to, to: edge.from, isReturning: true } : { edge, from: edge.from, to: edge.to, isReturning: false })
  const ranks = rank(nodes, links)
  const { layers, chains } = makeLayers(nodes, links, ranks)
  order(layers)
  place(layers)
  return measure(nodes, layers, chains)
}

/** The edges that lead back to where a walk has come from. */
function findReturning(nodes, edges) {
  const out = new Map(nodes.map((node) => [node.id, []]))
  for (const edge of edges) out.get(edge.from).push(edge)
  const entered = new Set(edges.map((edge) => edge.to))
  const starts = [...nodes.filter((node) => !entered.has(node.id)), ...nodes]
  const state = new Map()
  const returning = new Set()
  for (const start of starts) {
    if (state.has(start.id)) continue
    // With a stack of its own: a document may have a thousand nodes one after the other.
    const stack = [{ id: start.id, next: 0 }]
    state.set(start.id, 'open')
    while (stack.length) {
      const top = stack.at(-1)
      const edge = out.get(top.id)[top.next]
      top.next += 1
      if (!edge) {
        state.set(top.id, 'done')
        stack.pop()
      } else if (state.get(edge.to) === 'open') returning.add(edge)
      else if (!state.has(edge.to)) {
        state.set(edge.to, 'open')
        stack.push({ id: edge.to, next: 0 })
      }
    }
  }
  return returning
}

/** The layer of each node: one below the lowest that leads to it. */
function rank(nodes, links) {
  const ranks = new Map(nodes.map((node) => [node.id, 0]))
  const waiting = new Map(nodes.map((node) => [node.id, 0]))
  const out = new Map(nodes.map((node) => [node.id, []]))
  for (const link of links) {
    waiting.set(link.to, waiting.get(link.to) + 1)
    out.get(link.from).push(link.to)
  }
  const ready = nodes.filter((node) => waiting.get(node.id) === 0).map((node) => node.id)
  for (let index = 0; index < ready.length; index += 1) {
    for (const to of out.get(ready[index])) {
      ranks.set(to, Math.max(ranks.get(to), ranks.get(ready[index]) + 1))
      waiting.set(to, waiting.get(to) - 1)
      if (waiting.get(to) === 0) ready.push(to)
    }
  }
  return ranks
}

/** Every layer with its places; a long edge has one in each layer between its ends. */
function makeLayers(nodes, links, ranks) {
  const layers = []
  const places = new Map()
  const add = (rank, place) => {
    while (layers.length <= rank) layers.push([])
    layers[rank].push(place)
    return place
  }
  for (const node of nodes) {
    places.set(node.id, add(ranks.get(node.id), { id: node.id, width: sizes.width, up: [], down: [], x: 0 }))
  }
  const chains = links.map((link) => {
    const [first, last] = [ranks.get(link.from), ranks.get(link.to)]
    const chain = [places.get(link.from)]
    for (let rank = first + 1; rank < last; rank += 1) {
      chain.push(add(rank, { id: null, width: sizes.lane, up: [], down: [], x: 0 }))
    }
    chain.push(places.get(link.to))
    for (let index = 1; index < chain.length; index += 1) {
      chain[index - 1].down.push(chain[index])
      chain[index].up.push(chain[index - 1])
    }
    return { link, chain }
  })
  return { layers, chains }
}

/** Puts what is connected one below the other: medians of the neighbours, downwards and upwards in turn. */
function order(layers) {
  const number = () => layers.forEach((layer) => layer.forEach((place, index) => { place.order = index }))
  number()
  for (let round = 0; round < 8; round += 1) {
    const isDown = round % 2 === 0
    for (const layer of isDown ? layers : [...layers].reverse()) {
      for (const place of layer) {
        const near = (isDown ? place.up : place.down).map((other) => other.order).sort((one, other) => one - other)
        place.weight = near.length ? (near[(near.length - 1) >> 1] + near[near.length >> 1]) / 2 : place.order
      }
      layer.sort((one, other) => one.weight - other.weight || one.order - other.order)
      layer.forEach((place, index) => { place.order = index })
    }
  }
}

/** The x of every place: near the middle of its neighbours, never nearer to another than the gap. */
function place(layers) {
  for (const layer of layers) {
    let x = 0
    for (const place of layer) {
      place.x = x + place.width / 2
      x += place.width + sizes.gapX
    }
    const middle = (x - sizes.gapX) / 2
    for (const place of layer) place.x -= middle
  }
  for (let round = 0; round < 12; round += 1) {
    const isDown = round % 2 === 0
    for (const layer of isDown ? layers : [...layers].reverse()) {
      settle(layer, layer.map((place) => {
        const near = isDown ? place.up : place.down
        return near.length ? near.reduce((sum, other) => sum + other.x, 0) / near.length : place.x
      }))
    }
  }
}

/** Moves the places of a layer towards where they want to be, keeping order and gaps (pool adjacent violators). */
function settle(layer, wanted) {
  const offsets = []
  let offset = 0
  layer.forEach((place, index) => {
    if (index) offset += (layer[index - 1].width + place.width) / 2 + sizes.gapX
    offsets.push(offset)
  })
  const groups = []
  layer.forEach((_, index) => {
    groups.push({ sum: wanted[index] - offsets[index], count: 1 })
    while (groups.length > 1 && mean(groups.at(-2)) > mean(groups.at(-1))) {
      const last = groups.pop()
      groups.at(-1).sum += last.sum
      groups.at(-1).count += last.count
    }
  })
  let index = 0
  for (const group of groups) {
    for (let count = 0; count < group.count; count += 1, index += 1) layer[index].x = mean(group) + offsets[index]
  }
}

function mean(group) { return group.sum / group.count }

/** Turns places into coordinates within a picture. */
function measure(nodes, layers, chains) {
  const all = layers.flat()
  const left = Math.min(0, ...all.map((place) => place.x - place.width / 2)) - sizes.margin
  const right = Math.max(0, ...all.map((place) => place.x + place.width / 2)) + sizes.margin
  layers.forEach((layer, rank) => {
    for (const place of layer) {
      place.x -= left
      place.y = sizes.margin + sizes.height / 2 + rank * (sizes.height + sizes.gapY)
    }
  })
  const places = new Map(all.filter((place) => place.id !== null).map((place) => [place.id, place]))
  const edges = chains.map(({ link, chain }) => {
    const points = chain.map((place, index) => ({
      x: place.x,
      y: place.y + (index === 0 ? sizes.height / 2 : index === chain.length - 1 ? -sizes.height / 2 : 0),
    }))
    return { edge: link.edge, points: link.isReturning ? points.reverse() : points, isReturning: link.isReturning }
  })
  return {
    width: right - left,
    height: 2 * sizes.margin + Math.max(1, layers.length) * sizes.height + Math.max(0, layers.length - 1) * sizes.gapY,
    nodes: new Map(nodes.map((node) => [node.id, { x: places.get(node.id).x, y: places.get(node.id).y }])),
    edges,
  }
}
