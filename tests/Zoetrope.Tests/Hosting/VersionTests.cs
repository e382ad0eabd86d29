using System.Text.RegularExpressions;
using Zoetrope.Server;
using Zoetrope.Tests.Fixtures;

namespace Zoetrope.Tests.Hosting;

public sealed class VersionTests
{
    [Theory]
    [InlineData("1.2.0+652e0e9", "1.2.0")]
    [InlineData("1.3.0-alpha.12+652e0e9", "1.3.0-alpha")]
    [InlineData("1.3.0-alpha", "1.3.0-alpha")]
    [InlineData("1.3.0-rc.1.4", "1.3.0-rc.1")]
    public void The_version_leaves_out_the_height_and_the_commit(string informational, string version) =>
        Assert.Equal(version, ProductVersion.Of(informational));

    [Fact]
    public void The_changelog_describes_this_version_first()
    {
        var changelog = File.ReadAllText(Path.Combine(SourceTree.Root, "CHANGELOG.md"));
        var newest = Regex.Match(changelog, @"^## \[([^\]]+)\]", RegexOptions.Multiline).Groups[1].Value;

        Assert.Equal(ProductVersion.Text, newest);
    }
}
