/// A page that reads the API document and lets people try each operation. No build step, nothing from elsewhere.
enum DocsPage {
    static let reply = Reply.text(html, type: "text/html; charset=utf-8")
        .with(
            "content-security-policy",
            "default-src 'none'; script-src 'nonce-spotter-docs'; style-src 'nonce-spotter-docs'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
        )
        .with("referrer-policy", "no-referrer")

    private static let html = """
        <!doctype html>
        <html lang="en"><head><meta charset="utf-8"><title>Spotter API</title>
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <style nonce="spotter-docs">
        :root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif }
        body { margin: 0 auto; max-width: 60rem; padding: 1rem }
        details { border: 1px solid #8886; border-radius: 6px; margin: .4rem 0; padding: .4rem .8rem }
        summary { cursor: pointer } code, pre, textarea, input { font: 14px ui-monospace, monospace }
        .method { display: inline-block; font-weight: 600; min-width: 4.5rem }
        pre { background: #8882; border-radius: 6px; overflow: auto; padding: .6rem }
        textarea, input { box-sizing: border-box; width: 100% } label { display: block; margin: .4rem 0 }
        h2 { margin-top: 2rem }
        </style></head>
        <body><h1>Spotter API</h1><p id="about"></p>
        <label>Token (kept in this page only) <input id="token" type="password" autocomplete="off"></label>
        <p>The document itself: <a href="/v1/openapi.json">/v1/openapi.json</a></p>
        <main id="operations" aria-live="polite">Reading the document…</main>
        <noscript>This page needs JavaScript; /v1/openapi.json does not.</noscript>
        <script nonce="spotter-docs">
        const make = (name, text, parent) => {
          const node = document.createElement(name); if (text) node.textContent = text; parent?.append(node); return node
        }
        const field = (parent, label, value = '', name = 'input') => {
          const box = make('label', label, parent), input = make(name, '', box); input.value = value; return input
        }
        async function send(method, path, operation, inputs, body, output) {
          const query = new URLSearchParams()
          for (const [parameter, input] of inputs) {
            if (parameter.in === 'path') path = path.replace(`{${parameter.name}}`, encodeURIComponent(input.value))
            else if (parameter.in === 'query' && input.value) query.set(parameter.name, input.value)
          }
          const headers = {}, token = document.getElementById('token').value
          if (token) headers.authorization = `Bearer ${token}`
          for (const [parameter, input] of inputs)
            if (parameter.in === 'header' && input.value) headers[parameter.name] = input.value
          if (body) headers['content-type'] = Object.keys(operation.requestBody.content)[0]
          output.textContent = '…'
          try {
            const url = query.size ? `${path}?${query}` : path
            const response = await fetch(url, { method: method.toUpperCase(), headers, body: body?.value })
            output.textContent = `${response.status} ${response.statusText}\\n`
            const reader = response.body.pipeThrough(new TextDecoderStream()).getReader()
            for (let part; !(part = await reader.read()).done;) output.textContent += part.value
            const [line, ...rest] = output.textContent.split('\\n')
            try { output.textContent = line + '\\n' + JSON.stringify(JSON.parse(rest.join('\\n')), null, 2) } catch {}
          } catch (error) { output.textContent = String(error) }
        }
        function show(parent, path, method, operation) {
          const box = make('details', '', parent), head = make('summary', '', box)
          make('span', method.toUpperCase(), head).className = 'method'
          make('code', path, head); make('span', ' — ' + operation.summary, head)
          if (operation.description) make('p', operation.description, box)
          const inputs = (operation.parameters ?? []).map(parameter =>
            [parameter, field(box, `${parameter.name} (${parameter.in})`)])
          let body
          if (operation.requestBody) {
            const content = Object.values(operation.requestBody.content)[0]
            body = field(box, 'Body', JSON.stringify(content.example ?? {}, null, 2), 'textarea'); body.rows = 8
            const schema = make('details', '', box); make('summary', 'Schema of the body', schema)
            make('pre', JSON.stringify(content.schema, null, 2), schema)
          }
          const answers = make('details', '', box); make('summary', 'Answers', answers)
          make('pre', JSON.stringify(operation.responses, null, 2), answers)
          const button = make('button', 'Send', box), output = make('pre', '', box)
          button.onclick = () => send(method, path, operation, inputs, body, output)
        }
        fetch('/v1/openapi.json').then(response => response.json()).then(api => {
          document.getElementById('about').textContent = api.info.description
          const main = document.getElementById('operations'); main.textContent = ''
          for (const { name } of api.tags) {
            make('h2', name, main)
            for (const [path, item] of Object.entries(api.paths))
              for (const [method, operation] of Object.entries(item))
                if (operation.tags[0] === name) show(main, path, method, operation)
          }
        })
        </script></body></html>
        """
}
