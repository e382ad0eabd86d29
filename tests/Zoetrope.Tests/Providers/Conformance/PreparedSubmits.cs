using Zoetrope.Server.Providers;

namespace Zoetrope.Tests.Providers.Conformance;

/// <summary>Submits as the driver does: first prepared, then sent.</summary>
internal static class PreparedSubmits
{
    public static Task<SubmitResult> SubmitAsync(this IProviderAdapter adapter, ProviderRequest request, CancellationToken cancellationToken) =>
        adapter.SubmitAsync(request, adapter.Prepare(request), cancellationToken);
}
