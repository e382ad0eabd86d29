namespace Zoetrope.Server.Providers.Calls;

/// <summary>A paid request that may be sent now, or why there is none.</summary>
internal readonly record struct Outgoing(HttpRequestMessage? Call, ProviderError? Fault)
{
    public static implicit operator Outgoing(HttpRequestMessage call) => new(call, null);

    public static implicit operator Outgoing(ProviderError fault) => new(null, fault);
}
