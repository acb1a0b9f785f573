-- Wireshark dissector for the protocols of Dahua-type cameras:
--   dhip   DHIP over TCP (any port, by its header) and discovery over UDP 37810
--   dhcloud  the HTTP-like messages of P2P clouds over UDP
--   dhpunch  hole punching: STUN with every byte inverted
--   ptcp   PTCP, which is libjingle's PseudoTcp, and
--   tou    the messages inside it: BIND, CONN, DISC, DATA, HEARTBEAT, signs
--
-- tshark -X lua_script:scripts/wireshark/dhip.lua -r capture.pcap
-- Or copy it to the folder "Personal Lua Plugins" of Wireshark (Help, About, Folders).

local BASE_PORTS = { cloud = 8800, server = 8803, dispatcher = 8900, discovery = 37810, dhip = 5000 }

-- DHIP ---------------------------------------------------------------------------------------

local dhip = Proto("dhip", "DHIP")
local df = {
  session = ProtoField.uint32("dhip.session", "Session", base.HEX),
  request = ProtoField.uint32("dhip.request", "Request id"),
  package = ProtoField.uint32("dhip.package_length", "Bytes in this frame"),
  index = ProtoField.uint32("dhip.package_index", "Index of the frame"),
  message = ProtoField.uint32("dhip.message_length", "Bytes of JSON in the message"),
  data = ProtoField.uint32("dhip.data_length", "Bytes of binary data in the message"),
  method = ProtoField.string("dhip.method", "Method"),
  json = ProtoField.string("dhip.json", "JSON", base.UNICODE),
  binary = ProtoField.bytes("dhip.binary", "Binary data"),
}
dhip.fields = df
local dhip_short = ProtoExpert.new("dhip.short", "Lengths contradict each other",
  expert.group.MALFORMED, expert.severity.WARN)
dhip.experts = { dhip_short }

local DHIP_HEADER = 32
local json_dissector = Dissector.get("json")

local function is_dhip(tvb)
  return tvb:len() >= 8 and tvb(0, 4):le_uint() == 0x20 and tvb(4, 4):string() == "DHIP"
end

local function dhip_frame(tvb, pinfo, root)
  pinfo.cols.protocol = "DHIP"
  if tvb:len() < DHIP_HEADER then return 0 end
  local tree = root:add(dhip, tvb())
  tree:add_le(df.session, tvb(8, 4))
  tree:add_le(df.request, tvb(12, 4))
  tree:add_le(df.package, tvb(16, 4))
  tree:add_le(df.index, tvb(20, 4))
  tree:add_le(df.message, tvb(24, 4))
  tree:add_le(df.data, tvb(28, 4))
  local request = tvb(12, 4):le_uint()
  local index = tvb(20, 4):le_uint()
  local message = tvb(24, 4):le_uint()
  local data = tvb(28, 4):le_uint()
  local body = tvb:len() - DHIP_HEADER
  local info = string.format("#%d", request)
  if index > 0 or message + data > body then
    info = string.format("%s part %d of a message of %d bytes", info, index, message + data)
    if body > 0 then tree:add(df.binary, tvb(DHIP_HEADER, body)) end
  else
    if message + data ~= body then tree:add_proto_expert_info(dhip_short) end
    if message > 0 then
      local range = tvb(DHIP_HEADER, message)
      local text = range:string()
      local item = tree:add(df.json, range)
      local method = text:match('"method"%s*:%s*"([^"]+)"')
      if method then
        tree:add(df.method, method):set_generated()
        info = info .. " " .. method
      elseif text:find('"result"', 1, true) then
        info = info .. " reply"
      end
      if json_dissector then pcall(json_dissector.call, json_dissector, range:tvb(), pinfo, item) end
    end
    if data > 0 then tree:add(df.binary, tvb(DHIP_HEADER + message, data)) end
  end
  pinfo.cols.protocol = "DHIP"
  pinfo.cols.info = "DHIP " .. info
  return tvb:len()
end

local function dhip_frame_length(tvb, _, offset)
  return DHIP_HEADER + tvb(offset + 16, 4):le_uint()
end

local function dissect_dhip(tvb, pinfo, root)
  if not is_dhip(tvb) then return 0 end
  if pinfo.port_type == 3 then return dhip_frame(tvb, pinfo, root) end -- UDP: one frame each
  dissect_tcp_pdus(tvb, root, DHIP_HEADER, dhip_frame_length, dhip_frame)
  return tvb:len()
end

-- Messages of the cloud ----------------------------------------------------------------------

local cloud = Proto("dhcloud", "P2P cloud message")
local cf = {
  method = ProtoField.string("dhcloud.method", "Method"),
  path = ProtoField.string("dhcloud.path", "Path"),
  code = ProtoField.uint16("dhcloud.code", "Status code"),
  status = ProtoField.string("dhcloud.status", "Status"),
  cseq = ProtoField.int32("dhcloud.cseq", "CSeq"),
  header = ProtoField.string("dhcloud.header", "Header"),
  body = ProtoField.string("dhcloud.body", "Body", base.UNICODE),
}
cloud.fields = cf
local xml_dissector = Dissector.get("xml")

local function is_cloud(tvb)
  if tvb:len() < 12 then return false end
  local start = tvb(0, math.min(tvb:len(), 7)):string()
  return start:match("^HTTP/%d%.") or start:match("^[DN][HF]GET ") or start:match("^[DN][HF]POST ")
end

local function dissect_cloud(tvb, pinfo, root)
  pinfo.cols.protocol = "DHCLOUD"
  local text = tvb():raw()
  local tree = root:add(cloud, tvb())
  local at, first, body_at = 1, true, nil
  while at <= #text do
    local stop = text:find("\n", at, true) or #text + 1
    local line = text:sub(at, stop - 1):gsub("\r$", "")
    if line == "" then
      body_at = stop
      break
    end
    local range = tvb(at - 1, #line)
    if first then
      local method, path = line:match("^(%u+) (%S+) ")
      local code, status = line:match("^HTTP/%S+ +(%d+) *(.*)")
      if code then
        tree:add(cf.code, range, tonumber(code))
        tree:add(cf.status, range, status)
        pinfo.cols.info = code .. " " .. status
      elseif method then
        tree:add(cf.method, range, method)
        tree:add(cf.path, range, path)
        pinfo.cols.info = method .. " " .. path
      end
      first = false
    else
      tree:add(cf.header, range, line)
      local cseq = line:match("^[Cc][Ss]eq:%s*(-?%d+)")
      if cseq then tree:add(cf.cseq, range, tonumber(cseq)) end
    end
    at = stop + 1
  end
  if body_at and body_at < #text then
    local range = tvb(body_at)
    local item = tree:add(cf.body, range)
    if xml_dissector then
      local info = tostring(pinfo.cols.info)
      pcall(xml_dissector.call, xml_dissector, range:tvb(), pinfo, item)
      pinfo.cols.protocol = "DHCLOUD"
      pinfo.cols.info = info
    end
  end
  return tvb:len()
end

-- Hole punching ------------------------------------------------------------------------------

local punch = Proto("dhpunch", "Hole punching (inverted STUN)")
local KINDS = { [0x0001] = "request", [0x0101] = "response" }
local pf = {
  type = ProtoField.uint16("dhpunch.type", "Type", base.HEX, KINDS),
  length = ProtoField.uint16("dhpunch.length", "Length"),
  cookie = ProtoField.bytes("dhpunch.cookie", "Cookie"),
  transaction = ProtoField.bytes("dhpunch.transaction", "Transaction"),
  attribute = ProtoField.uint16("dhpunch.attribute", "Attribute", base.HEX, {
    [0x0004] = "SOURCE-ADDRESS", [0x8029] = "ICE-CONTROLLED", [0x802a] = "ICE-CONTROLLING",
  }),
  identify = ProtoField.bytes("dhpunch.identify", "Identify (tie-breaker)"),
  address = ProtoField.ipv4("dhpunch.address", "Address"),
  port = ProtoField.uint16("dhpunch.port", "Port"),
}
punch.fields = pf

local function is_punch(tvb)
  if tvb:len() < 20 then return false end
  local kind, length = 0xffff - tvb(0, 2):uint(), 0xffff - tvb(2, 2):uint()
  return KINDS[kind] ~= nil and length % 4 == 0 and 20 + length <= tvb:len()
end

local function dissect_punch(wire, pinfo, root)
  pinfo.cols.protocol = "DHPUNCH"
  local bytes = wire:bytes()
  for at = 0, bytes:len() - 1 do bytes:set_index(at, 255 - bytes:get_index(at)) end
  local tvb = bytes:tvb("STUN, inverted")
  local tree = root:add(punch, wire())
  tree:add(pf.type, tvb(0, 2))
  tree:add(pf.length, tvb(2, 2))
  tree:add(pf.cookie, tvb(4, 4))
  tree:add(pf.transaction, tvb(8, 12))
  local at, stop, has_address = 20, 20 + tvb(2, 2):uint(), false
  while at + 4 <= stop do
    local kind, length = tvb(at, 2):uint(), tvb(at + 2, 2):uint()
    if at + 4 + length > stop then break end
    local item = tree:add(pf.attribute, tvb(at, 2))
    if (kind == 0x8029 or kind == 0x802a) and length == 8 then
      item:add(pf.identify, tvb(at + 4, 8))
    elseif kind == 0x0004 and length == 8 then
      item:add(pf.port, tvb(at + 6, 2))
      item:add(pf.address, tvb(at + 8, 4))
      has_address = true
    end
    at = at + 4 + math.floor((length + 3) / 4) * 4
  end
  local kind = KINDS[tvb(0, 2):uint()]
  if kind == "response" and not has_address then kind = "confirmation" end
  pinfo.cols.info = "Hole punching " .. kind
  return wire:len()
end

-- Messages inside PTCP -----------------------------------------------------------------------

local tou = Proto("tou", "TOU message")
local TYPES = {
  [0x10] = "DATA", [0x11] = "BIND", [0x12] = "STATUS", [0x13] = "HEARTBEAT", [0x14] = "SERVICE",
  [0x17] = "SIGN REQUEST", [0x18] = "SIGN", [0x19] = "AUTH", [0x1a] = "AUTH OK", [0x1b] = "AUTH DONE",
}
local SIZES = {
  [0x10] = 12, [0x11] = 20, [0x12] = 16, [0x13] = 12, [0x14] = 12,
  [0x17] = 12, [0x18] = 12, [0x19] = 12, [0x1a] = 12, [0x1b] = 12,
}
local tf = {
  type = ProtoField.uint8("tou.type", "Type", base.HEX, TYPES),
  length = ProtoField.uint24("tou.length", "Length"),
  realm = ProtoField.uint32("tou.realm", "Realm", base.HEX),
  port = ProtoField.uint32("tou.port", "Port"),
  host = ProtoField.ipv4("tou.host", "Host"),
  status = ProtoField.string("tou.status", "Status"),
  payload = ProtoField.bytes("tou.payload", "Payload"),
  sign = ProtoField.bytes("tou.sign", "Sign"),
  part = ProtoField.bytes("tou.part", "Part of a message that goes on in another segment"),
  unknown = ProtoField.bytes("tou.unknown", "Unknown message"),
}
tou.fields = tf

-- The size of the message at `at`; nil when its header is not yet complete, -1 when unknown.
local function tou_size(tvb, at)
  local left = tvb:len() - at
  local kind = tvb(at, 1):uint()
  local size = SIZES[kind]
  if not size then return -1 end
  if left < size then return nil end
  local length = tvb(at + 1, 3):uint()
  if kind == 0x10 then return size + length end
  if kind >= 0x18 and kind <= 0x1a then return length > 0 and size + length or left end
  return size
end

local function tou_message(range, tree)
  local kind = range(0, 1):uint()
  local item = tree:add(tou, range)
  local text = TYPES[kind]
  item:add(tf.type, range(0, 1))
  item:add(tf.length, range(1, 3))
  if kind <= 0x12 then item:add(tf.realm, range(4, 4)) end
  if kind == 0x10 then
    if range:len() > 12 then item:add(tf.payload, range(12)) end
    text = string.format("DATA(%d)", range:len() - 12)
  elseif kind == 0x11 then
    item:add(tf.port, range(12, 4))
    item:add(tf.host, range(16, 4))
    text = string.format("BIND %d", range(12, 4):uint())
  elseif kind == 0x12 then
    text = range(12, 4):string()
    item:add(tf.status, range(12, 4))
  elseif range:len() > 12 then
    item:add(tf.sign, range(12))
  end
  if kind <= 0x12 then text = string.format("%s %08x", text, range(4, 4):uint()) end
  item:append_text(": " .. text)
  return text
end

-- Messages in `tvb`, and the bytes at its end that belong to an unfinished one.
local function tou_messages(tvb, tree, texts)
  local at = 0
  while at < tvb:len() do
    local size = tou_size(tvb, at)
    if size == -1 then
      tree:add(tf.unknown, tvb(at))
      table.insert(texts, string.format("unknown %02x", tvb(at, 1):uint()))
      return nil
    end
    if size == nil or at + size > tvb:len() then
      tree:add(tf.part, tvb(at))
      table.insert(texts, "part")
      return tvb(at):bytes()
    end
    table.insert(texts, tou_message(tvb(at, size), tree))
    at = at + size
  end
  return nil
end

-- PTCP ---------------------------------------------------------------------------------------

local ptcp = Proto("ptcp", "PTCP (PseudoTcp)")
local sf = {
  conversation = ProtoField.uint32("ptcp.conversation", "Conversation number", base.HEX),
  seq = ProtoField.uint32("ptcp.seq", "Sequence number"),
  ack = ProtoField.uint32("ptcp.ack", "Acknowledgement number"),
  control = ProtoField.uint8("ptcp.control", "Control", base.HEX),
  flags = ProtoField.uint8("ptcp.flags", "Flags", base.HEX),
  ctl = ProtoField.bool("ptcp.flags.ctl", "Control data", 8, nil, 0x02),
  rst = ProtoField.bool("ptcp.flags.rst", "Reset", 8, nil, 0x04),
  window = ProtoField.uint16("ptcp.window", "Window"),
  timestamp = ProtoField.uint32("ptcp.timestamp", "Timestamp (ms)"),
  echo = ProtoField.uint32("ptcp.timestamp_echo", "Timestamp echo"),
  length = ProtoField.uint16("ptcp.length", "Bytes of the stream"),
  scale = ProtoField.uint8("ptcp.window_scale", "Window scale"),
  body = ProtoField.bytes("ptcp.control_body", "Bytes that are not of the stream"),
}
ptcp.fields = sf
local PTCP_HEADER = 24
-- Bytes of an unfinished message, by direction and the sequence number that they go on at.
local unfinished = {}
-- The same by the number of the packet that goes on with them; filled once, in order.
local before = {}

function ptcp.init()
  unfinished, before = {}, {}
end

local function connect_message(tvb, tree)
  local at = 1
  while at < tvb:len() do
    local kind = tvb(at, 1):uint()
    if kind == 0 or at + 1 >= tvb:len() then break end
    local length = tvb(at + 1, 1):uint()
    if kind == 3 and length == 1 and at + 2 < tvb:len() then tree:add(sf.scale, tvb(at + 2, 1)) end
    at = at + 2 + length
  end
end

local function stream_bytes(tvb, pinfo, tree, seq, texts)
  local way = string.format("%s:%d>%s:%d", tostring(pinfo.src), pinfo.src_port,
    tostring(pinfo.dst), pinfo.dst_port)
  if not pinfo.visited then before[pinfo.number] = unfinished[way .. string.format("#%.0f", seq)] end
  local earlier = before[pinfo.number]
  local whole = tvb
  if earlier then
    local joined = ByteArray.new()
    joined:append(earlier)
    joined:append(tvb:bytes())
    whole = joined:tvb("TOU, reassembled")
  end
  local rest = tou_messages(whole, tree, texts)
  if not pinfo.visited and rest and rest:len() <= 65536 then
    unfinished[way .. string.format("#%.0f", (seq + tvb:len()) % 4294967296)] = rest
  end
end

local function is_ptcp(tvb)
  return tvb:len() >= PTCP_HEADER and tvb(0, 4):string() == "PTCP"
end

local function dissect_ptcp(tvb, pinfo, root)
  pinfo.cols.protocol = "PTCP"
  local tree = root:add(ptcp, tvb(0, PTCP_HEADER))
  tree:add(sf.conversation, tvb(0, 4))
  tree:add(sf.seq, tvb(4, 4))
  tree:add(sf.ack, tvb(8, 4))
  tree:add(sf.control, tvb(12, 1))
  local flags = tree:add(sf.flags, tvb(13, 1))
  flags:add(sf.ctl, tvb(13, 1))
  flags:add(sf.rst, tvb(13, 1))
  tree:add(sf.window, tvb(14, 2))
  tree:add(sf.timestamp, tvb(16, 4))
  tree:add(sf.echo, tvb(20, 4))
  local length = tvb:len() - PTCP_HEADER
  tree:add(sf.length, length):set_generated()
  local seq, control, bits = tvb(4, 4):uint(), tvb(12, 1):uint(), tvb(13, 1):uint()
  local texts = {}
  if bits % 8 >= 4 then table.insert(texts, "[RST]") end
  if bits % 4 >= 2 then
    table.insert(texts, "[SYN]")
    if length > 0 then connect_message(tvb(PTCP_HEADER):tvb(), tree) end
  elseif control ~= 0 then
    if length > 0 then tree:add(sf.body, tvb(PTCP_HEADER)) end
  elseif length > 0 then
    stream_bytes(tvb(PTCP_HEADER):tvb(), pinfo, root, seq, texts)
  else
    table.insert(texts, "[ACK]")
  end
  pinfo.cols.info = string.format("Seq=%.0f Ack=%.0f Win=%d Len=%d %s", seq, tvb(8, 4):uint(),
    tvb(14, 2):uint(), length, table.concat(texts, ", "))
  return tvb:len()
end

-- Who gets which packet ----------------------------------------------------------------------

local p2p = Proto("dhp2p", "P2P of Dahua-type devices")

-- Functions are called, not dissectors: each dissector on the way costs TCP a level of reassembly.
local function dissect_p2p(tvb, pinfo, root)
  if is_ptcp(tvb) then return dissect_ptcp(tvb, pinfo, root) end
  if is_punch(tvb) then return dissect_punch(tvb, pinfo, root) end
  if is_cloud(tvb) then return dissect_cloud(tvb, pinfo, root) end
  if is_dhip(tvb) then return dissect_dhip(tvb, pinfo, root) end
  return 0
end

p2p.dissector, dhip.dissector, cloud.dissector = dissect_p2p, dissect_dhip, dissect_cloud
punch.dissector, ptcp.dissector = dissect_punch, dissect_ptcp

local function udp_heuristic(tvb, pinfo, root)
  return dissect_p2p(tvb, pinfo, root) > 0
end

local function tcp_heuristic(tvb, pinfo, root)
  if not is_dhip(tvb) then return false end
  pinfo.conversation = dhip
  dissect_dhip(tvb, pinfo, root)
  return true
end

p2p:register_heuristic("udp", udp_heuristic)
dhip:register_heuristic("tcp", tcp_heuristic)

local udp_ports = DissectorTable.get("udp.port")
for _, name in ipairs({ "cloud", "server", "dispatcher", "discovery" }) do
  udp_ports:add(BASE_PORTS[name], p2p)
end
-- TCP 37777 carries another protocol besides; there, as on all ports, the header decides.
DissectorTable.get("tcp.port"):add(BASE_PORTS.dhip, dhip)
