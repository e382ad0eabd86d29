using System.Text.Json.Nodes;
using Zoetrope.Tests.Fixtures;

namespace Zoetrope.Tests.Hosting.ApiDocs;

/// <summary>A change of the API is a change of a file under review.</summary>
public sealed class ApiDescriptionTests
{
    [Fact]
    public async Task The_running_server_describes_what_the_committed_file_says()
    {
        await using var zoetrope = await TestZoetrope.StartAsync();
        var described = JsonNode.Parse((await zoetrope.Api.SendAsync(HttpMethod.Get, "/openapi/v1.json", key: null)).Expect(200).Text)!.AsObject();
        var committed = JsonNode.Parse(await File.ReadAllTextAsync(Path.Combine(SourceTree.Root, "docs", "openapi.json")))!.AsObject();

        // Part by part, so that a failure names the endpoint or the shape.
        foreach (var section in (string[])["paths", "components"])
        {
            var (now, then) = (Parts(described[section]!), Parts(committed[section]!));
            Assert.Equal(then.Keys.Order(StringComparer.Ordinal), now.Keys.Order(StringComparer.Ordinal));
            var changed = now.Where(part => !JsonNode.DeepEquals(part.Value, then[part.Key])).Select(part => part.Key);
            Assert.True(!changed.Any(), $"These differ from docs/openapi.json: {string.Join(", ", changed)}. If that is meant, run ./run openapi -o docs/openapi.json and commit the file.");
        }
    }

    private static Dictionary<string, JsonNode?> Parts(JsonNode section) => section.AsObject()
        .SelectMany(first => first.Value!.AsObject().Select(second => ($"{first.Key} {second.Key}", second.Value)))
        .ToDictionary(part => part.Item1, part => part.Value, StringComparer.Ordinal);
}
