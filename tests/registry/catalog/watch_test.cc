#include "registry/catalog/watch.h"

#include <gtest/gtest.h>

namespace rollcall::catalog {
namespace {

TEST(WatchKeyTest, IgnoresCaseAndTellsKindsApart) {
  EXPECT_EQ(WatchKey::Service("Web"), WatchKey::Service("wEB"));
  EXPECT_NE(WatchKey::Service("web"), WatchKey::Service("web2"));
  EXPECT_NE(WatchKey::Service("web"), WatchKey::Node("web"));
  EXPECT_NE(WatchKey::AllServices(), WatchKey::AllNodes());
}

}  // namespace
}  // namespace rollcall::catalog
