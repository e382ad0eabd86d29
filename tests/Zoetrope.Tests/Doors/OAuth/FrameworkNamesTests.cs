using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Zoetrope.Server.Doors.OAuth;

namespace Zoetrope.Tests.Doors.OAuth;

/// <summary>Two names inside ASP.NET Core that this door relies on. A new version that renames one fails here, not silently in a server.</summary>
public sealed class FrameworkNamesTests
{
    [Fact]
    public void Authentication_still_brings_the_key_ring_by_this_name()
    {
        var services = new ServiceCollection().AddLogging();
        services.AddAuthentication();

        Assert.Single(services, service => service.ImplementationType?.Name == OAuthFeature.KeyRingService);
    }

    [Fact]
    public async Task The_host_still_asks_by_this_word_whether_authentication_is_placed()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Services.AddAuthentication();
        await using var app = builder.Build();
        Assert.False(((IApplicationBuilder)app).Properties.ContainsKey(OAuthFeature.MiddlewareSet));

        app.UseAuthentication();

        Assert.True(((IApplicationBuilder)app).Properties.ContainsKey(OAuthFeature.MiddlewareSet));
    }
}
