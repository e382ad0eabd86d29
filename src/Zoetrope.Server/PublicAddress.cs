namespace Zoetrope.Server;

/// <summary>Where providers can reach this server: for callbacks, and for input files that they fetch themselves.</summary>
/// <param name="Url">Null unless the operator has named an https address with a public host (<c>Zoetrope__PublicUrl</c>).</param>
internal sealed record PublicAddress(Uri? Url);
