using Zoetrope.Client;
using Zoetrope.Studio.Frame;

namespace Zoetrope.Studio.Operate;

/// <summary>A page for whoever runs the server.</summary>
public abstract class Operating : Asking
{
    protected ZoetropeAdminClient Admin => Session.Admin;
}
