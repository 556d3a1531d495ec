using Weft.Proxy.Runtime;

namespace Weft.Proxy.Admin.Endpoints;

/// <summary><c>/runtime_modify</c>: sets keys of the admin layer; an empty value takes one away.</summary>
internal sealed class RuntimeModifyEndpoint : AdminEndpoint
{
    private readonly RuntimeLayers _runtime;

    public RuntimeModifyEndpoint(RuntimeLayers runtime)
        : base(
            "/runtime_modify",
            "Adds or modifies runtime values as passed in query parameters. To delete a previously added key, use an empty string as the value. " +
            "Note that deletion only applies to overrides added via this endpoint; values loaded from disk can be modified via override but not deleted. E.g. ?key1=value1&key2=value2...")
    {
        _runtime = runtime;
        Mutates = true;
    }

    public override void Handle(AdminRequest request, AdminResponse response)
    {
        if (request.Query.All.Count == 0)
        {
            response.Answer(400, "usage: /runtime_modify?key1=value1&key2=value2&keyN=valueN\n");
            response.Body.Write("       or send the parameters as form values\n");
            response.Body.Write("use an empty value to remove a previously added override");
            return;
        }
        if (!_runtime.HasAdminLayer)
        {
            response.Answer(503, "No admin layer specified");
            return;
        }
        // Of a key that stands several times, the first value counts.
        _runtime.Modify(request.Query.All.DistinctBy(pair => pair.Key));
        response.Body.Write("OK\n");
    }
}
