// The ACL tokens that the agent has: its own, and those that services and checks were registered
// with. Any thread; a change is seen by whatever is asked next.
// Their secrets are never logged, and never in an answer.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>

#include "registry/base/ascii.h"
#include "registry/base/lock_guarded.h"

namespace rollcall::agent {

// Secrets; empty: none.
struct Tokens {
  std::string agent;        // for what is the agent's: its node, and what it asks for itself
  std::string user;         // Consul's "default": for programs and definitions without one
  std::string dns;          // accepted as Consul's; DNS queries carry none
  std::string replication;  // accepted as Consul's; there is nothing to replicate here
  std::string login = {};   // of the agent's own login (agent/login), which nobody has set

  bool operator==(const Tokens&) const = default;
  // For what the agent asks for itself: its node, heartbeats, comparisons, removals.
  const std::string& ForAgent() const {
    if (!agent.empty()) return agent;
    return login.empty() ? user : login;
  }
  // For definitions and watches without one. What programs ask through the agent goes without the
  // login's: whoever reaches the agent would have its rights.
  const std::string& ForDefinitions() const { return user.empty() ? login : user; }
};

// Whether it may stand in a header: printable ASCII without blanks, and not too long.
bool IsTokenText(std::string_view text);

// By ID, which are compared as the registry does.
struct TokenIdLess {
  using is_transparent = void;
  bool operator()(std::string_view a, std::string_view b) const {
    return CompareIgnoreCase(a, b) < 0;
  }
};
using TokensById = std::map<std::string, std::string, TokenIdLess>;

// Of definitions.
struct DefinitionTokens {
  TokensById services;
  TokensById checks;  // those that are no service's
};

class AgentTokens {
 public:
  enum class Of { kService, kCheck };
  // Who said it: of files, or of a program, which a restart is not to lose.
  enum class From { kFile, kApi };
  struct Found {
    std::string token;  // empty: none
    uint64_t stamp = 0;
    From from = From::kFile;
  };

  Tokens Own() const { return state_.Lock()->own; }
  void SetOwn(Tokens own) { state_.Lock()->own = std::move(own); }

  // What a definition says now; empty: nothing.
  void Set(Of of, const std::string& id, std::string token, From from);
  void SetAll(const DefinitionTokens& tokens, From from);
  Found Find(Of of, std::string_view id) const;
  // The registration is gone from the registry, unless it has been made anew since it was found.
  void Forget(Of of, std::string_view id, uint64_t stamp);

  // Those that programs said.
  DefinitionTokens FromApi() const;

 private:
  struct Entry {
    std::string token;
    From from = From::kFile;
    uint64_t stamp = 0;
  };
  using Entries = std::map<std::string, Entry, TokenIdLess>;
  struct State {
    Tokens own;
    Entries services;
    Entries checks;
    uint64_t stamps = 0;
    Entries& Place(Of of) { return of == Of::kService ? services : checks; }
  };

  mutable LockGuarded<State> state_;
};

// As a file of the data directory; `own` where they are to be kept.
struct KeptTokens {
  Tokens own;
  DefinitionTokens definitions;
};
std::string WriteKeptTokens(const KeptTokens& kept);
// Nothing of a text that is none.
KeptTokens ReadKeptTokens(std::string_view text);

}  // namespace rollcall::agent
