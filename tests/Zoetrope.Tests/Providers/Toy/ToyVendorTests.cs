using System.Text.Json.Nodes;
using Zoetrope.Server.Providers;
using Zoetrope.Tests.Fixtures;

namespace Zoetrope.Tests.Providers.Toy;

/// <summary>
/// What a new vendor needs: its folder, its line in the list of vendors and its routes in the catalogue. Nothing else of the
/// server is touched, and it is called, paid, polled and told of like any other.
/// </summary>
public sealed class ToyVendorTests : IAsyncDisposable
{
    private const string Catalogue =
        """
        {"models": [{
            "id": "toy-image", "name": "Toy", "family": "toy", "vendor": "Toy works", "mediaType": "image", "mode": "text-to-image",
            "description": "A toy from a text.", "prompt": {"required": true, "maxLength": 100},
            "parameters": {"size": {"type": "string", "values": ["small", "large"], "default": "small", "description": "How large."}},
            "output": {"kind": "image", "format": "png", "size": 64, "multipleOf": 8, "aspect": "1:1"},
            "price": {"type": "flat", "credits": 3}, "priceSource": "zoetrope", "derivation": "Ours.",
            "deadlineSeconds": 300, "typicalSeconds": 2,
            "routes": [{"provider": "toy", "model": "bear-{size}", "params": {"prompt": "wish", "size": "<model>"}, "fixed": {"stuffing": "wool"}}]
        }]}
        """;

    private readonly TemporaryDirectory _directory = new();
    private readonly FakeToy _vendor = new();

    public async ValueTask DisposeAsync()
    {
        await _vendor.DisposeAsync();
        _directory.Dispose();
    }

    [Fact]
    public async Task A_vendor_is_its_folder_its_line_and_its_routes()
    {
        await using var zoetrope = await StartAsync(new() { ["Toy:Colour"] = "blue" });
        _vendor.Books.PlanFor("a small bear", new JobPlan { Polls = [PollAnswer.Running, PollAnswer.Succeeded] });
        var customer = await zoetrope.Api.CreateCustomerAsync(mode: "live");

        var made = (await zoetrope.Api.GenerateAsync(customer, new { model = "toy-image", input = new { prompt = "a small bear", size = "large" } })).Expect(200);
        var task = await zoetrope.Api.WaitAsync(customer, made.Data.GetProperty("id").GetString()!);

        Assert.Equal("completed", task.GetProperty("status").GetString());
        Assert.Equal(3, task.GetProperty("creditsUsed").GetInt64());
        Assert.NotEmpty(await zoetrope.Api.DownloadAsync(task.GetProperty("result").GetProperty("url").GetString()!));
        var received = _vendor.Requests.Single(request => request.Method == "POST").Json;
        Assert.Equal("""{"toy":"bear-large","wish":"a small bear","stuffing":"wool","colour":"blue"}""", received.ToJsonString());
        var route = task.GetProperty("route");
        Assert.Equal(("toy", "bear-large"), (route.GetProperty("provider").GetString(), route.GetProperty("model").GetString()));
        Assert.True(JsonNode.DeepEquals(JsonNode.Parse("""{"stuffing":"wool","colour":"blue"}"""), JsonNode.Parse(route.GetProperty("sent").GetRawText())));
        Assert.Empty(_vendor.Violations);
    }

    [Fact]
    public async Task Without_its_key_the_model_names_the_variable_that_enables_it()
    {
        await using var zoetrope = await StartAsync(new() { ["Providers:toy:ApiKey"] = "" });
        var customer = await zoetrope.Api.CreateCustomerAsync(mode: "live");

        var refused = await zoetrope.Api.GenerateAsync(customer, new { model = "toy-image", input = new { prompt = "a bear" } });

        Assert.Equal("MODEL_UNAVAILABLE", refused.Code);
        Assert.Contains("TOY_API_KEY", refused.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_route_to_a_vendor_that_is_not_in_the_list_stops_the_start()
    {
        var refused = await Assert.ThrowsAnyAsync<Exception>(() => StartAsync([], ProvidersFeature.Vendors));

        Assert.Contains("toy", refused.Message, StringComparison.Ordinal);
    }

    private async Task<TestZoetrope> StartAsync(Dictionary<string, string?> settings, IReadOnlyList<VendorRegistration>? vendors = null)
    {
        await _vendor.OpenAsync();
        var file = Path.Combine(_directory.Path, "catalogue.json");
        await File.WriteAllTextAsync(file, Catalogue);
        settings["Catalog:File"] = file;
        settings["Egress:AllowedPrivateHosts"] = "127.0.0.1";
        settings.TryAdd("Providers:toy:ApiKey", _vendor.Key);
        settings.TryAdd("Providers:toy:BaseUrl", _vendor.BaseUrl.ToString());
        return await TestZoetrope.StartAsync(new TestServer { Settings = settings, Vendors = vendors ?? [.. ProvidersFeature.Vendors, .. new VendorList().AddToy().All] });
    }
}
