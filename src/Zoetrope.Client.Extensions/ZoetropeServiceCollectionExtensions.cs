using System.Diagnostics.CodeAnalysis;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using Zoetrope.Client;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Zoetrope in a container.</summary>
public static class ZoetropeServiceCollectionExtensions
{
    private const string Name = "Zoetrope";

    /// <summary>Registers <see cref="ZoetropeClient"/> as a singleton over <see cref="IHttpMessageHandlerFactory"/>.</summary>
    /// <param name="services">The container.</param>
    /// <param name="configure">Gives address and key; without it they come from <c>services.Configure&lt;ZoetropeClientSettings&gt;(…)</c>.</param>
    /// <returns>The builder of its connections, for proxies, certificates or handlers of your own. The client tries again by itself, so a retry handler is not needed; one would be safe, since all tries of a submit carry one key.</returns>
    public static IHttpClientBuilder AddZoetropeClient(this IServiceCollection services, Action<ZoetropeClientSettings>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(services);
        var settings = services.AddOptions<ZoetropeClientSettings>()
            .Validate(static settings => settings.Address is { IsAbsoluteUri: true }, $"Zoetrope: {nameof(ZoetropeClientSettings.Address)} must be an absolute URL, as https://media.example.com.")
            .Validate(static settings => !string.IsNullOrWhiteSpace(settings.ApiKey), $"Zoetrope: {nameof(ZoetropeClientSettings.ApiKey)} is missing.");
        if (configure is not null)
        {
            settings.Configure(configure);
        }

        services.TryAddSingleton(static provider =>
        {
            var settings = provider.GetRequiredService<IOptions<ZoetropeClientSettings>>().Value;
            var handler = new FactoryHandler(provider.GetRequiredService<IHttpMessageHandlerFactory>(), Name);
            return new ZoetropeClient(settings.Address!, settings.ApiKey!, settings.Client with { Handler = handler });
        });

        // A redirect would carry the key, or a submit, to somebody else.
        return services.AddHttpClient(Name).UseSocketsHttpHandler(static (handler, _) => handler.AllowAutoRedirect = false);
    }

    /// <summary>Registers Zoetrope as the application's <see cref="IImageGenerator"/>; needs <see cref="AddZoetropeClient"/>.</summary>
    /// <param name="services">The container.</param>
    /// <param name="model">The model where a request names none, as <c>nano-banana-pro</c>.</param>
    /// <param name="serviceKey">Registers it under this key beside others; null for the only one.</param>
    /// <returns>The container.</returns>
    [Experimental("MEAI001")]
    public static IServiceCollection AddZoetropeImageGenerator(this IServiceCollection services, string model, object? serviceKey = null)
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentException.ThrowIfNullOrEmpty(model);
        return services.AddKeyedSingleton<IImageGenerator>(serviceKey, (provider, _) => new ZoetropeImageGenerator(provider.GetRequiredService<ZoetropeClient>(), model));
    }

    /// <summary>Asks the factory for each request, so that a client that lives long still gets fresh connections.</summary>
    private sealed class FactoryHandler(IHttpMessageHandlerFactory factory, string name) : HttpMessageHandler
    {
        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            using var invoker = new HttpMessageInvoker(factory.CreateHandler(name), disposeHandler: false);
            return await invoker.SendAsync(request, cancellationToken).ConfigureAwait(false);
        }
    }
}
