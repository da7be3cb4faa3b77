#include "registry/catalog/watch.h"

#include "registry/base/ascii.h"

namespace rollcall::catalog {
namespace {

// FNV-1a over the kind and the lower-cased name, then mixed so that the high bits depend on all.
// Never 0, which names nothing.
uint64_t Hash(char kind, std::string_view name) {
  constexpr uint64_t kPrime = 0x100000001b3;
  uint64_t hash = 0xcbf29ce484222325;
  const auto add = [&hash](char c) {
    hash ^= static_cast<unsigned char>(c);
    hash *= kPrime;
  };
  add(kind);
  for (const char c : name) add(AsciiLower(c));
  hash ^= hash >> 32;
  hash *= 0x9e3779b97f4a7c15;
  return hash == 0 ? 1 : hash;
}

}  // namespace

WatchKey WatchKey::AllNodes() { return WatchKey(Hash('N', "")); }
WatchKey WatchKey::AllServices() { return WatchKey(Hash('S', "")); }
WatchKey WatchKey::AllInstances() { return WatchKey(Hash('I', "")); }
WatchKey WatchKey::AllChecks() { return WatchKey(Hash('C', "")); }
WatchKey WatchKey::AllCoordinates() { return WatchKey(Hash('D', "")); }
WatchKey WatchKey::Acl() { return WatchKey(Hash('A', "")); }
WatchKey WatchKey::Node(std::string_view name) { return WatchKey(Hash('n', name)); }
WatchKey WatchKey::Service(std::string_view name) { return WatchKey(Hash('s', name)); }
WatchKey WatchKey::Coordinates(std::string_view node) { return WatchKey(Hash('d', node)); }
WatchKey WatchKey::Outside(std::string_view name) { return WatchKey(Hash('o', name)); }

}  // namespace rollcall::catalog
