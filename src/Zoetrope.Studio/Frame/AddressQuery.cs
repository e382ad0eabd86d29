using Microsoft.AspNetCore.Components;

namespace Zoetrope.Studio.Frame;

/// <summary>What a page shows stands in its address, so that it can be sent to somebody.</summary>
internal static class AddressQuery
{
    /// <summary>Puts what was chosen into the address, in place of what stood there; nothing takes it out.</summary>
    public static void Show(this NavigationManager navigation, string name, object? value) => navigation.NavigateTo(
        navigation.GetUriWithQueryParameter(name, (value as string)?.Trim() is { Length: > 0 } text ? text : null), replace: true);
}
