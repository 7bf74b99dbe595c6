// Colours for code: words, strings, numbers and comments, which most languages share. Nothing is ever run or read as
// markup: pieces of the text become text in spans.
import { h } from './dom.js'

const keywords = new Set(`abstract and as async await begin bool boolean break case catch char class const continue def
default defer del delete do double elif else end enum except export extends extension false final finally float fn for
from func function go guard if impl implements import in init inout int interface is lambda let match mod module mut
namespace new nil none not null or package pass private protocol public pub raise return self static struct super switch
then this throw throws trait true try type typeof undefined unsafe use using val var void where while with yield
SELECT FROM WHERE INSERT INTO VALUES UPDATE SET DELETE CREATE TABLE INDEX JOIN LEFT INNER ON AND OR NOT NULL ORDER GROUP
BY LIMIT HAVING AS PRIMARY KEY REFERENCES None True False`.split(/\s+/))

const hashComments = new Set(['python', 'py', 'ruby', 'rb', 'sh', 'bash', 'shell', 'yaml', 'yml', 'toml', 'ini', 'r', 'perl',
  'dockerfile', 'make', 'makefile'])
const dashComments = new Set(['sql', 'lua', 'haskell', 'hs', 'elm'])
const longest = 60_000

/** The text of a program as nodes. */
export function highlight(code, language = '') {
  if (code.length > longest || language === 'text' || language === 'plain') return [code]
  const nodes = []
  let plain = ''
  const say = (kind, text) => {
    if (!kind) {
      plain += text
      return
    }
    if (plain) nodes.push(plain)
    plain = ''
    nodes.push(h('span', { class: `code-${kind}` }, text))
  }
  const pattern = piece(language.toLowerCase())
  let at = 0
  while (at < code.length) {
    pattern.lastIndex = at
    const found = pattern.exec(code)
    if (!found) {
      // What begins nothing is passed over a letter at a time.
      say(null, code[at])
      at += 1
      continue
    }
    const [text] = found
    const { comment, string, number, word } = found.groups
    if (comment) say('comment', text)
    else if (string) say('string', text)
    else if (number) say('number', text)
    else say(word && keywords.has(word) ? 'keyword' : null, text)
    at += text.length
  }
  if (plain) nodes.push(plain)
  return nodes
}

const patterns = new Map()

function piece(language) {
  const line = hashComments.has(language) ? '#[^\\n]*' : dashComments.has(language) ? '--[^\\n]*' : '\\/\\/[^\\n]*'
  if (!patterns.has(line)) {
    patterns.set(line, new RegExp(`(?<comment>${line}|\\/\\*[^]*?(?:\\*\\/|$))`
      + '|(?<string>"(?:[^"\\\\\\n]|\\\\.)*"?|\'(?:[^\'\\\\\\n]|\\\\.)*\'?|`(?:[^`\\\\]|\\\\.)*`?)'
      + '|(?<number>\\b\\d[\\w.]*)|(?<word>[A-Za-z_]\\w*)|\\s+', 'y'))
  }
  return patterns.get(line)
}
