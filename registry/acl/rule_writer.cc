#include "registry/acl/rule_writer.h"

#include <string_view>

namespace rollcall::acl {
namespace {

// A string of HCL 1. "${" would begin an interpolation: the brace behind a dollar sign is escaped.
void AppendString(std::string_view text, std::string* out) {
  constexpr std::string_view kHexadecimal = "0123456789abcdef";
  out->push_back('"');
  char before = '\0';
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      out->push_back('\\');
      out->push_back(c);
    } else if (byte < 0x20 || byte == 0x7f || (c == '{' && before == '$')) {
      *out += "\\x";
      out->push_back(kHexadecimal[byte >> 4]);
      out->push_back(kHexadecimal[byte & 15]);
    } else {
      out->push_back(c);
    }
    before = c;
  }
  out->push_back('"');
}

void AppendSetting(std::string_view indent, std::string_view key, Access access, std::string* out) {
  *out += indent;
  *out += key;
  *out += " = \"";
  *out += NameOf(access);
  *out += "\"\n";
}

}  // namespace

std::string WriteRules(const Rules& rules) {
  std::string out;
  for (const Scalar scalar : {Scalar::kAcl, Scalar::kKeyring, Scalar::kOperator}) {
    if (const auto access = rules.of(scalar)) AppendSetting("", NameOf(scalar), *access, &out);
  }
  for (const Rule& rule : rules.named) {
    out += NameOf(Subject{rule.resource, rule.match});
    out.push_back(' ');
    AppendString(rule.name, &out);
    out += " {\n";
    AppendSetting("  ", "policy", rule.access, &out);
    if (rule.intentions) AppendSetting("  ", "intentions", *rule.intentions, &out);
    out += "}\n";
  }
  return out;
}

}  // namespace rollcall::acl
