// Asking an Authorizer allocates nothing. A program of its own: it replaces operator new.
#include <gtest/gtest.h>

#include <atomic>
#include <cstddef>
#include <cstdlib>
#include <new>
#include <string>
#include <string_view>

#include "registry/acl/authorizer.h"
#include "registry/acl/rule_parser.h"

namespace {
std::atomic<size_t> allocations = 0;
}  // namespace

// Not inlined: gcc would see a `new` whose memory is given to free(), and warn.
[[gnu::noinline]] void* operator new(size_t size) {
  allocations.fetch_add(1, std::memory_order_relaxed);
  if (void* memory = std::malloc(size == 0 ? 1 : size)) return memory;
  throw std::bad_alloc();
}
[[gnu::noinline]] void operator delete(void* memory) noexcept { std::free(memory); }
[[gnu::noinline]] void operator delete(void* memory, size_t /*size*/) noexcept {
  std::free(memory);
}

namespace rollcall::acl {
namespace {

TEST(AuthorizerAllocationTest, AskingAllocatesNothing) {
  std::string text = R"(key_prefix "" { policy = "read" } operator = "read")";
  for (int i = 0; i < 100; ++i) {
    text += " service \"service-" + std::to_string(i) + "\" { policy = \"write\" }";
    text += " node \"Node-" + std::to_string(i) + "\" { policy = \"write\" }";
  }
  const auto rules = ParseRules(text);
  ASSERT_TRUE(rules) << rules.error().message;
  const Rules* const policies[] = {&*rules};
  const Authorizer who(policies, DefaultPolicy::kDeny);
  const std::string name = "service-57";
  const std::string unknown(100, 's');
  const std::string capitals_text = "Node-57" + std::string(1000, 'S');
  const std::string_view long_capitals = capitals_text;

  const size_t before = allocations.load();
  const bool found = who.MayRead(Resource::kService, name) && who.MayReadIntentions(name);
  const bool refused = !who.MayWrite(Resource::kService, unknown) &&
                       !who.MayWriteKeysBelow(unknown) && !who.ReadsAll(Resource::kService);
  const bool capitals = who.MayRead(Resource::kNode, long_capitals.substr(0, 7)) &&
                        !who.MayRead(Resource::kNode, long_capitals) &&
                        !who.MayRead(Resource::kService, long_capitals);
  const bool scalar = who.MayRead(Scalar::kOperator);
  const size_t after = allocations.load();

  EXPECT_EQ(after, before);
  EXPECT_TRUE(found && refused && capitals && scalar);
  EXPECT_GT(before, 0U);
}

}  // namespace
}  // namespace rollcall::acl
