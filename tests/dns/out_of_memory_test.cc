// What a query gets when memory runs out while it is answered. This program's `operator new` fails
// when the test says so, so that every allocation of the answer path has its turn.
#include <gtest/gtest.h>

#include <cstdlib>
#include <new>
#include <string>
#include <vector>

#include "dns/responder.h"
#include "tests/dns/asked.h"
#include "tests/dns/catalog_text.h"

namespace {

// How many allocations of this thread still succeed; negative: all of them.
thread_local int allowed_allocations = -1;
enum class Shortage { kOnce, kFromThenOn };
thread_local Shortage shortage = Shortage::kOnce;
thread_local bool refused_some = false;

bool MayAllocate() {
  if (allowed_allocations < 0) return true;
  if (allowed_allocations > 0) {
    --allowed_allocations;
    return true;
  }
  if (shortage == Shortage::kOnce) allowed_allocations = -1;
  refused_some = true;
  return false;
}

}  // namespace

// Not inlined: gcc would see a `new` whose memory is given to free(), and warn.
[[gnu::noinline]] void* operator new(size_t size, const std::nothrow_t& /*tag*/) noexcept {
  return MayAllocate() ? std::malloc(size == 0 ? 1 : size) : nullptr;
}

[[gnu::noinline]] void* operator new(size_t size) {
  void* memory = operator new(size, std::nothrow);
  if (memory == nullptr) throw std::bad_alloc();
  return memory;
}

[[gnu::noinline]] void operator delete(void* memory) noexcept { std::free(memory); }
[[gnu::noinline]] void operator delete(void* memory, size_t /*size*/) noexcept {
  std::free(memory);
}

namespace rollcall::dns {
namespace {

using Lines = std::vector<std::string>;

class OutOfMemoryTest : public testing::Test {
 protected:
  OutOfMemoryTest() : asked_(Catalog()) {
    // What is made once and kept, is made now.
    healthy_ = DecodeMessage(asked_.AskRaw(query_));
  }

  static std::shared_ptr<const catalog::Snapshot> Catalog() {
    CatalogText text;
    text.Node("n1", "10.0.0.1").Instance({.node = "n1", .name = "web"});
    return text.Build();
  }

  // The answer when the allocation after `allowed` others fails. Sets whether any did.
  std::vector<uint8_t> AskShortOfMemory(int allowed, Shortage kind, bool* failed) {
    shortage = kind;
    refused_some = false;
    allowed_allocations = allowed;
    std::vector<uint8_t> answer = asked_.AskRaw(query_);
    allowed_allocations = -1;
    *failed = refused_some;
    return answer;
  }

  uint64_t ServFails() const {
    return asked_.counters().answers[static_cast<size_t>(Rcode::kServFail)].value();
  }

  const std::vector<uint8_t> query_ =
      EncodeQuery({.name = "web.service.consul.", .type = "SRV", .edns = 1232, .id = 99});
  AskedCatalog asked_;
  MessageText healthy_;
};

TEST_F(OutOfMemoryTest, OneFailedAllocationIsOneServFail) {
  bool failed = true;
  int at = 0;
  for (; failed; ++at) {
    const uint64_t before = ServFails();
    const std::vector<uint8_t> answer = AskShortOfMemory(at, Shortage::kOnce, &failed);
    const MessageText message = DecodeMessage(answer);
    EXPECT_EQ(message.id, 99);
    EXPECT_EQ(message.question, Lines{"web.service.consul. IN SRV"});
    EXPECT_EQ(message.rcode, failed ? "SERVFAIL" : "NOERROR") << "allocation " << at;
    EXPECT_EQ(message.answer, failed ? Lines() : healthy_.answer);
    EXPECT_EQ(ServFails() - before, failed ? 1u : 0u);
  }
  EXPECT_GT(at, 5) << "the answer path allocates next to nothing: is this still the right test?";
  EXPECT_EQ(DecodeMessage(asked_.AskRaw(query_)).answer, healthy_.answer);
}

TEST_F(OutOfMemoryTest, WithoutAnyMemoryThereIsNoAnswer) {
  bool failed = true;
  for (int at = 0; failed; ++at) {
    const uint64_t before = asked_.counters().dropped.value();
    const std::vector<uint8_t> answer = AskShortOfMemory(at, Shortage::kFromThenOn, &failed);
    EXPECT_EQ(answer.empty(), failed) << "allocation " << at;
    EXPECT_EQ(asked_.counters().dropped.value() - before, failed ? 1u : 0u);
  }
  EXPECT_EQ(DecodeMessage(asked_.AskRaw(query_)).answer, healthy_.answer);
}

}  // namespace
}  // namespace rollcall::dns
