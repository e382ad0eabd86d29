using Microsoft.AspNetCore.Http.Features;

namespace Zoetrope.Server.Doors.Shared;

/// <summary>Bodies with room for several input images as data URIs; the server's general limit is for bodies without files.</summary>
internal static class LargeBody
{
    public const int MaxBytes = 64 * 1024 * 1024;

    public static void Allow(HttpContext context)
    {
        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } size)
        {
            size.MaxRequestBodySize = MaxBytes;
        }
    }
}
