# A formula for a tap. tools/formula fills in what @...@ marks, for a released source archive.
class Snapscope < Formula
  desc "Opens Consul snapshots and answers questions about them"
  homepage "@HOMEPAGE@"
  url "@URL@"
  sha256 "@SHA256@"
  license "MIT"

  depends_on "rust" => :build

  def install
    ENV["SNAPSCOPE_COMMIT"] = "@COMMIT@"
    system "cargo", "install", *std_cargo_args(path: "crates/cli")
    generate_completions_from_executable(bin/"snapscope", "completions")
    system bin/"snapscope", "manual", buildpath/"man"
    man1.install Dir[buildpath/"man/*.1"]
  end

  test do
    # The state of a server that holds nothing yet: a header, and no record.
    (testpath/"state.bin").binwrite "\x81\xA9LastIndex\x01"
    assert_match "snapscope #{version}", shell_output("#{bin}/snapscope --version")
    assert_match "Index", shell_output("#{bin}/snapscope inspect #{testpath}/state.bin")
  end
end
