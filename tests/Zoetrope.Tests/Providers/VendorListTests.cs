using System.Text.Json;
using Zoetrope.Server.Admission.Requests;
using Zoetrope.Server.Catalog.Models;
using Zoetrope.Server.Catalog.Routes;
using Zoetrope.Server.Providers;
using Zoetrope.Tests.Catalog;
using Zoetrope.Tests.Fixtures;
using Zoetrope.Tests.Providers.Conformance;

namespace Zoetrope.Tests.Providers;

/// <summary>What must be true of all vendors together: tested, documented, and every route of the catalogue complete.</summary>
public sealed class VendorListTests
{
    [Fact]
    public void Every_vendor_has_a_conformance_class()
    {
        var tested = typeof(VendorListTests).Assembly.GetTypes()
            .Where(type => !type.IsAbstract)
            .Select(type => type.BaseType)
            .Where(type => type is { IsGenericType: true } && type.GetGenericTypeDefinition() == typeof(ProviderConformance<>))
            .Select(type => ((IFakeVendorMaker)Activator.CreateInstance(type!.GenericTypeArguments[0])!).Make().Provider);
        Assert.Equal(ProvidersFeature.Vendors.Select(vendor => vendor.Profile.Name).Order(StringComparer.Ordinal), tested.Distinct().Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Every_vendor_has_a_page()
    {
        var names = ProvidersFeature.Vendors.Select(vendor => vendor.Profile.Name).Order(StringComparer.Ordinal).ToList();
        Assert.All(names, name => Assert.True(File.Exists(Path.Combine(SourceTree.Root, "docs", "providers", $"{name}.md")), $"docs/providers/{name}.md is missing."));
    }

    [Fact]
    public void Every_route_can_serve_the_shortest_request_or_says_which_value_it_needs()
    {
        var closed = from model in Ask.Catalog.Models
                     let request = Ask.Resolved(Ask.Smallest(model))
                     from route in model.Routes
                     let gap = Gap(route, request)
                     where gap is not null && route.Reach.GetValueOrDefault(gap.Parameter) is not ({ Accepts: not null } or { Implied: not null })
                     select $"{model.Id} on {route.Provider}: {gap}";
        Assert.Empty(closed);
    }

    [Fact]
    public async Task One_key_makes_every_model_available_that_its_vendor_serves()
    {
        var settings = new Dictionary<string, string?> { ["Providers:fal:ApiKey"] = "a-key-for-nobody", ["Providers:fal:BaseUrl"] = "http://127.0.0.1:1/" };
        await using var zoetrope = await TestZoetrope.StartAsync(new TestServer { Settings = settings });
        var listed = (await zoetrope.Api.SendAsync(HttpMethod.Get, "/api/v1/models", key: null)).Expect(200).Data;
        var available = Models(listed).Where(model => model.GetProperty("available").GetBoolean()).Select(model => model.GetProperty("id").GetString()!).Order(StringComparer.Ordinal);

        var served = Ask.Catalog.Models.Where(model => model.Routes.Any(route => route.Provider == "fal") && model.Lifecycle.Status is not Server.Catalog.Models.LifecycleStatus.Retired);
        Assert.Equal(served.Select(model => model.Id).Order(StringComparer.Ordinal), available);
        Assert.True(available.Count() > 30);
    }

    [Fact]
    public async Task Without_a_provider_a_live_key_is_told_the_variables_and_a_test_key_works()
    {
        await using var zoetrope = await TestZoetrope.StartAsync();
        var live = await zoetrope.Api.GenerateAsync(await zoetrope.Api.CreateCustomerAsync(mode: "live"), new { model = "veo-3-1-text-to-video", input = new { prompt = "a red fox" } });
        Assert.Equal((503, "MODEL_UNAVAILABLE"), (live.Status, live.Code));
        foreach (var variable in new[] { "GOOGLE_APPLICATION_CREDENTIALS", "FAL_KEY", "REPLICATE_API_TOKEN", "VICSEE_API_KEY" })
        {
            Assert.Contains(variable, live.Text, StringComparison.Ordinal);
        }

        var customer = await zoetrope.Api.CreateCustomerAsync();
        var test = (await zoetrope.Api.GenerateAsync(customer, new { model = "flux-2-pro-text-to-image", input = new { prompt = "a red fox" } })).Expect(200);
        Assert.Equal("completed", (await zoetrope.Api.WaitAsync(customer, test.Data.GetProperty("id").GetString()!)).GetProperty("status").GetString());
    }

    private static IEnumerable<JsonElement> Models(JsonElement data) =>
        (data.ValueKind == JsonValueKind.Array ? data : data.GetProperty("models")).EnumerateArray();

    private static RouteGap? Gap(RouteSpec route, Server.Admission.Requests.ResolvedRequest request)
    {
        using var parameters = JsonDocument.Parse(request.Parameters);
        var profile = ProvidersFeature.Vendors.FirstOrDefault(vendor => vendor.Profile.Name == route.Provider)?.Profile;
        return RouteFit.Gap(route, profile?.Inputs, request.OnRoutes(parameters.RootElement, publicAddress: true));
    }
}
