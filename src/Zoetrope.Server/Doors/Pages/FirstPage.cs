using Zoetrope.Server.Doors.Shared;
using Zoetrope.Server.Doors.Shared.Browsers;
using Zoetrope.Server.Doors.Shared.Web;
using Zoetrope.Server.People;
using Zoetrope.Server.Storage;

namespace Zoetrope.Server.Doors.Pages;

/// <summary>
/// What <c>/</c> answers: the studio to a browser that is signed in; to another browser the way in, once there are people; and to
/// programs, as to everybody on a server without people or studio, what this server is.
/// </summary>
internal sealed class FirstPage(StudioFiles studio, SessionCookie cookie, Database database)
{
    private bool _hasPeople;

    public async Task<Answer> ShowAsync(HttpContext context, FrontPage front)
    {
        if (!studio.AreHere || !context.Request.Headers.Accept.ToString().Contains("text/html", StringComparison.OrdinalIgnoreCase))
        {
            return front.Show(context);
        }

        if (cookie.Read(context.Request) is not null)
        {
            return studio.Page();
        }

        // Asked until there is somebody: an operator stays one.
        _hasPeople = _hasPeople || await database.ReadAsync(async session => await PersonStore.AnyOperatorAsync(session));
        return _hasPeople ? SessionCookie.SignIn(context.Request) : front.Show(context);
    }
}
