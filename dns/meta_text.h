// A node's metadata as the text of TXT records (RFC 1464). Any thread.
#pragma once

#include <string>
#include <string_view>

namespace rollcall::dns {

// "key=value", with what the key holds of `=`, backquotes and outer blanks quoted by a backquote,
// and backquotes of the value doubled (RFC 1464 section 2). As in Consul, a key that begins with
// "rfc1035-" stands for its value alone.
std::string MetaText(std::string_view key, std::string_view value);

}  // namespace rollcall::dns
