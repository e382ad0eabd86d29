using System.Text;
using System.Text.Json;
using Json.Schema;
using Zoetrope.Server.Catalog.Loading;
using Zoetrope.Server.Catalog.Schema;
using Zoetrope.Tests.Fixtures;

namespace Zoetrope.Tests.Catalog.Schema;

/// <summary>The schema that editors use, judged by a validator that is not ours.</summary>
public class CatalogSchemaTests
{
    private static readonly JsonSchema Schema = JsonSchema.FromText(CatalogSchema.Render());

    [Fact]
    public void The_shipped_file_is_what_the_entries_say()
    {
        var shipped = Path.Combine(SourceTree.Root, "src", "Zoetrope.Server", "Catalog", "catalog.schema.json");

        Assert.True(
            CatalogSchema.Render().TrimEnd() == File.ReadAllText(shipped).TrimEnd(),
            "The entries have changed. Write the schema again: ./run catalog schema --output src/Zoetrope.Server/Catalog/catalog.schema.json");
    }

    [Fact]
    public void The_embedded_catalogue_is_valid()
    {
        using var catalog = JsonDocument.Parse(CatalogLoader.Embedded());

        Assert.Equal("catalog.schema.json", catalog.RootElement.GetProperty("$schema").GetString());
        Assert.True(Schema.Evaluate(catalog.RootElement).IsValid);
    }

    [Fact]
    public void The_documented_file_is_valid_and_loads()
    {
        var page = File.ReadAllText(Path.Combine(SourceTree.Root, "docs", "catalog.md"));
        var start = page.IndexOf("```json", StringComparison.Ordinal) + "```json".Length;
        var file = page[start..page.IndexOf("```", start, StringComparison.Ordinal)];
        using var document = JsonDocument.Parse(file);

        Assert.True(document.RootElement.TryGetProperty("$schema", out _));
        Assert.True(Schema.Evaluate(document.RootElement).IsValid);
        Assert.Empty(CatalogLoader.Load(Encoding.UTF8.GetBytes(file)).Errors);
    }

    [Fact]
    public void The_documented_cost_is_valid_and_loads()
    {
        var page = File.ReadAllText(Path.Combine(SourceTree.Root, "docs", "catalog.md"));
        var start = page.IndexOf("```json", page.IndexOf("## Costs", StringComparison.Ordinal), StringComparison.Ordinal) + "```json".Length;
        var file = page[start..page.IndexOf("```", start, StringComparison.Ordinal)];
        using var document = JsonDocument.Parse(file);

        Assert.True(Schema.Evaluate(document.RootElement).IsValid);
        var (catalog, errors) = CatalogLoader.Load(CatalogLoader.Embedded(), Encoding.UTF8.GetBytes(file));
        Assert.Empty(errors);
        Assert.Equal(("Our contract with Black Forest Labs.", 1_000L), (catalog!.Find("flux-3-video-image-to-video")!.CostOf(0).Source, catalog.Find("flux-3-video-image-to-video")!.CostOf(0).EachImage));
    }

    [Theory]
    [InlineData("""{"models": [{"id": "seedream-4-5-text-to-image", "price": {"credits": 12}}]}""", true)]
    [InlineData("""{"models": [{"id": "flux-2-pro-text-to-image", "lifecycle": null}]}""", true)]
    [InlineData("""{"models": [{"id": "sora-2-text-to-video", "lifecycle": {"status": "retired"}}]}""", true)]
    [InlineData("""{"fragments": {"mine": {"anything": [1, {"$use": "seed"}]}}, "ignored": ["x"]}""", true)]
    [InlineData("""{"modles": []}""", false)]
    [InlineData("""{"models": 7}""", false)]
    [InlineData("""{"models": [7]}""", false)]
    [InlineData("""{"models": [{"id": "seedream-4-5-text-to-image", "deadlinSeconds": 5}]}""", false)]
    [InlineData("""{"models": [{"id": "seedream-4-5-text-to-image", "deadlineSeconds": 5}]}""", false)]
    [InlineData("""{"models": [{"id": "seedream-4-5-text-to-image", "deadlineSeconds": "600"}]}""", false)]
    [InlineData("""{"models": [{"id": "seedream-4-5-text-to-image", "price": {"credits": 0}}]}""", false)]
    [InlineData("""{"models": [{"id": "seedream-4-5-text-to-image", "mode": "text-to-film"}]}""", false)]
    [InlineData("""{"models": [{"id": "seedream-4-5-text-to-image", "parameters": {"quality": {"required": "yes"}}}]}""", false)]
    [InlineData("""{"models": [{"id": "seedream-4-5-text-to-image", "lifecycle": {"status": "gone"}}]}""", false)]
    [InlineData("""{"models": [{"id": "seedream-4-5-text-to-image", "cost": 1}]}""", false)]
    public void The_schema_and_the_server_agree(string file, bool isValid)
    {
        using var document = JsonDocument.Parse(file);

        Assert.Equal(isValid, Schema.Evaluate(document.RootElement).IsValid);
        Assert.Equal(isValid, CatalogLoader.Load(Encoding.UTF8.GetBytes(file)).Errors.Count == 0);
    }

    [Fact]
    public void Every_part_and_every_field_is_described()
    {
        using var schema = JsonDocument.Parse(CatalogSchema.Render());
        foreach (var part in schema.RootElement.GetProperty("$defs").EnumerateObject().Where(part => part.Name != "use"))
        {
            Assert.NotEmpty(part.Value.GetProperty("title").GetString()!);
            foreach (var field in part.Value.GetProperty("properties").EnumerateObject().Where(field => field.Name != "$use"))
            {
                Assert.EndsWith(".", field.Value.GetProperty("description").GetString(), StringComparison.Ordinal);
            }
        }
    }
}
