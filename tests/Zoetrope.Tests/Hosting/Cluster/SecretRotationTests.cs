using Microsoft.Extensions.DependencyInjection;
using Zoetrope.Server;
using Zoetrope.Server.Artifacts;
using Zoetrope.Server.Doors.OAuth;
using Zoetrope.Server.Hosting.Cluster;
using Zoetrope.Tests.Doors.OAuth;
using Zoetrope.Tests.Fixtures;

namespace Zoetrope.Tests.Hosting.Cluster;

/// <summary>Secrets change under a running server; what the old ones signed stays good, unless they are revoked.</summary>
public sealed class SecretRotationTests
{
    [Fact]
    public async Task Urls_and_tokens_of_before_stay_good_after_a_change_and_die_with_a_revocation()
    {
        await using var zoetrope = await TestZoetrope.StartAsync();
        var watch = zoetrope.Services.GetRequiredService<SecretWatch>();
        var customer = await zoetrope.Api.CreateCustomerAsync();
        var id = (await zoetrope.Api.GenerateAsync(customer, new { model = "flux-2-pro-text-to-image", input = new { prompt = "a cat" } })).Expect(200).Data.GetProperty("id").GetString()!;
        var old = (await zoetrope.Api.WaitAsync(customer, id)).GetProperty("result").GetProperty("url").GetString()!;
        var (browser, tokens) = await OAuthBrowser.ConnectAsync(zoetrope.Api, customer.Key);
        using var own = browser;
        await watch.LookAsync();

        await RotateAsync(SigningKeys.Secret, revoke: false);
        await RotateAsync(OAuthKeys.Secret(TimeSpan.FromDays(30)), revoke: false);
        var current = await UrlAsync();
        Assert.NotEqual(Signature(old), Signature(current));
        Assert.Equal((200, 200), (await StatusAsync(old), await StatusAsync(current)));
        Assert.Equal(200, (await zoetrope.Api.GetAsync(customer with { Key = tokens.Access }, "/api/v1/credits")).Status);
        var refreshed = await own.RefreshAsync(tokens.Refresh);
        Assert.True(refreshed.Status == 200, refreshed.Json.ToString());
        Assert.Equal(200, (await zoetrope.Api.GetAsync(customer with { Key = refreshed.Access }, "/api/v1/credits")).Status);

        await RotateAsync(SigningKeys.Secret, revoke: true);
        await RotateAsync(OAuthKeys.Secret(TimeSpan.FromDays(30)), revoke: true);
        Assert.Equal((403, 403, 200), (await StatusAsync(old), await StatusAsync(current), await StatusAsync(await UrlAsync())));
        Assert.NotEqual(200, (await own.RefreshAsync(refreshed.Refresh)).Status);
        var (again, fresh) = await OAuthBrowser.ConnectAsync(zoetrope.Api, customer.Key);
        again.Dispose();
        Assert.Equal(200, (await zoetrope.Api.GetAsync(customer with { Key = fresh.Access }, "/api/v1/credits")).Status);

        Task RotateAsync(Secret secret, bool revoke)
        {
            SecretFiles.Rotate(zoetrope.DataDirectory, secret, revoke);
            return watch.LookAsync();
        }

        async Task<string> UrlAsync() =>
            (await zoetrope.Api.GetAsync(customer, $"/api/v1/tasks/{id}")).Expect(200).Data.GetProperty("result").GetProperty("url").GetString()!;

        async Task<int> StatusAsync(string url) => (await zoetrope.Api.SendAsync(HttpMethod.Get, new Uri(url).PathAndQuery, key: null)).Status;
    }

    private static string Signature(string url) => url.Split("sig=")[1];
}
