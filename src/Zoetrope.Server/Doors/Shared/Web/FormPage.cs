namespace Zoetrope.Server.Doors.Shared.Web;

/// <summary>A page with a form in which somebody proves who they are: nobody keeps it, frames it or adds to it.</summary>
internal static class FormPage
{
    /// <param name="context">The request that is answered.</param>
    /// <param name="status">The answer's.</param>
    /// <param name="policy">What the page may load, and where its forms go.</param>
    /// <param name="page">All of it.</param>
    public static Task WriteAsync(HttpContext context, int status, string policy, Html page)
    {
        var (response, headers) = (context.Response, context.Response.Headers);
        response.StatusCode = status;
        response.ContentType = "text/html; charset=utf-8";
        headers.CacheControl = "no-store";
        headers.ContentSecurityPolicy = policy;
        headers.XContentTypeOptions = "nosniff";
        headers.XFrameOptions = "DENY";

        // With no-referrer a browser would send the form without its origin, which the form is checked by.
        headers["Referrer-Policy"] = "same-origin";
        return response.WriteAsync(page.ToString(), context.RequestAborted);
    }
}
