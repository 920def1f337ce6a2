# What an administrator would write instead: the same two address tables in arrays, looked up once for each
# length of prefix there is; known HELO names, domains and recipients; and a few sins added up. It knows no
# families, no generic names, and no table that names a suffix.
function number(ip,  o) { split(ip, o, "."); return ((o[1] * 256 + o[2]) * 256 + o[3]) * 256 + o[4] }
function find(table, ip,  bits) {
  for (bits in lengths) if ((table, bits, int(ip / 2 ^ (32 - bits))) in prefix) return 1
  return 0
}
FILENAME ~ /\/(dynamic|blacklist)$/ {
  table = FILENAME ~ /dynamic$/ ? "d" : "b"
  split($1, part, "/")
  bits = part[2] == "" ? 32 : part[2]
  lengths[bits] = 1
  prefix[table, bits, int(number(part[1]) / 2 ^ (32 - bits))] = 1
  next
}
FILENAME ~ /\/recipients$/ { recipient[$1] = 1; next }
FILENAME ~ /\/helo$/ { bot[$1] = 1; next }
{
  score = 0; sins = ""
  delete field
  for (i = 3; i <= NF; i++) { at = index($i, "="); field[substr($i, 1, at - 1)] = substr($i, at + 1) }
  ip = number(field["peer"])
  if (find("d", ip)) { score += 4; sins = sins ",dynamic" }
  if (find("b", ip)) { score += 8; sins = sins ",listed" }
  if (field["helo"] in bot) { score += 8; sins = sins ",helo-bot" }
  if (field["helo"] != "" && index(field["helo"], ".") == 0) { score += 1; sins = sins ",helo-label" }
  if (field["did"] ~ /early-talk/) { score += 8; sins = sins ",early-talk" }
  if (field["end"] == "fin" && field["r451"] == "yes") { score += 4; sins = sins ",no-quit" }
  if (field["ptr"] == "-") { score += 4; sins = sins ",no-rdns" }
  n = split(field["to"], to, ",")
  unknown = 0
  for (i = 1; i <= n; i++) if (!(to[i] in recipient)) unknown++
  if (unknown >= 3) { score += 4; sins = sins ",unknown-rcpt" }
  print $0, "sins=" substr(sins, 2), "score=" score, "verdict=" (score >= 8 ? "bot" : score >= 4 ? "suspect" : "clean")
}
