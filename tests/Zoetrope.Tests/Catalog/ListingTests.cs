using System.Text.Json;
using Zoetrope.Server.Catalog;
using Zoetrope.Server.Catalog.Listing;

namespace Zoetrope.Tests.Catalog;

public class ListingTests
{
    [Theory]
    [InlineData(null)]
    [InlineData("image")]
    [InlineData("video")]
    [InlineData("music")]
    public void The_listing_is_a_json_array_of_the_asked_kind(string? type)
    {
        var count = Ask.Catalog.Models.Count(model => type is null || model.MediaType.ToString().Equals(type, StringComparison.OrdinalIgnoreCase));
        var listing = new CatalogListing(new CatalogHolder(Ask.Catalog), model => model.Family == "kling-3-0");

        using var document = JsonDocument.Parse(listing.Get(new ListingQuery(type, IsFull: true)).Value);

        Assert.Equal(count, document.RootElement.GetArrayLength());
        foreach (var model in document.RootElement.EnumerateArray())
        {
            Assert.True(model.GetProperty("credits").GetProperty("from").GetInt64() > 0);
            Assert.Equal(model.GetProperty("family").GetString() == "kling-3-0", model.GetProperty("available").GetBoolean());
            Assert.False(model.GetProperty("inputSchema").GetProperty("additionalProperties").GetBoolean());
        }
    }

    [Fact]
    public void The_records_of_Contracts_hold_every_field_of_the_listing()
    {
        var bytes = new CatalogListing(new CatalogHolder(Ask.Catalog), _ => true).Get(new ListingQuery(IsFull: true)).Value;

        var models = JsonSerializer.Deserialize(bytes.Span, ListingJson.Default.IEnumerableModelListing)!;

        using var sent = JsonDocument.Parse(bytes);
        using var again = JsonDocument.Parse(JsonSerializer.SerializeToUtf8Bytes(models, ListingJson.Default.IEnumerableModelListing));
        Assert.True(JsonElement.DeepEquals(sent.RootElement, again.RootElement));
        Assert.Equal(
            ["id", "name", "vendor", "family", "type", "mediaType", "mode", "aliases", "description", "available", "parameters", "maxImages", "maxVideos", "maxAudios",
                "limits", "credits", "priceSource", "lifecycle", "assumed", "typicalSeconds", "inputSchema"],
            sent.RootElement[0].EnumerateObject().Select(field => field.Name));
    }

    [Fact]
    public void An_unknown_type_is_refused() =>
        Assert.Equal("INVALID_PARAMETER", new CatalogListing(new CatalogHolder(Ask.Catalog), _ => true).Get(new ListingQuery("audio")).Problem!.Kind.Code);

    [Fact]
    public void One_entry_says_what_a_client_needs()
    {
        var listing = new CatalogListing(new CatalogHolder(Ask.Catalog), _ => true);
        using var document = JsonDocument.Parse(listing.Get(new ListingQuery("video", IsFull: true)).Value);

        var model = document.RootElement.EnumerateArray().Single(model => model.GetProperty("id").GetString() == "seedance-2-5-reference-to-video");

        Assert.Equal(10, model.GetProperty("maxImages").GetInt32());
        Assert.Equal(30, model.GetProperty("limits").GetProperty("totalVideoSeconds").GetInt32());
        Assert.Equal(30, model.GetProperty("parameters").GetProperty("duration").GetProperty("maximum").GetInt32());
        Assert.Equal("zoetrope", model.GetProperty("priceSource").GetString());
        Assert.Equal("2026-09-24", document.RootElement.EnumerateArray()
            .Single(model => model.GetProperty("id").GetString() == "sora-2-text-to-video")
            .GetProperty("lifecycle").GetProperty("shutdown").GetString());
    }
}
