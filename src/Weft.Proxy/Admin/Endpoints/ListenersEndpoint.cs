using Envoy.Admin.V3;

namespace Weft.Proxy.Admin.Endpoints;

/// <summary><c>/listeners</c>: names and bound addresses, as text (<c>name::address</c>) or JSON.</summary>
internal sealed class ListenersEndpoint : AdminEndpoint
{
    private readonly AdminContext _context;

    public ListenersEndpoint(AdminContext context)
        : base("/listeners", "print listener info")
    {
        _context = context;
        Parameters = [new("format", "File format to use", ["text", "json"])];
    }

    public override void Handle(AdminRequest request, AdminResponse response)
    {
        if (request.Query.Find("format") == "json")
            AdminJson.Answer(response, AsMessage(), withDefaults: false);
        else
            WriteText(response);
    }

    private void WriteText(AdminResponse response)
    {
        foreach (var listener in _context.Listeners())
        {
            foreach (var address in listener.BoundAddresses)
                response.Body.Write($"{listener.Config.Name}::{address}\n");
        }
    }

    private Envoy.Admin.V3.Listeners AsMessage()
    {
        var result = new Envoy.Admin.V3.Listeners();
        foreach (var listener in _context.Listeners())
        {
            var addresses = listener.BoundAddresses;
            result.ListenerStatuses.Add(new ListenerStatus
            {
                Name = listener.Config.Name,
                LocalAddress = AddressMessage.Of(addresses[0]),
                AdditionalLocalAddresses = { addresses.Skip(1).Select(AddressMessage.Of) },
            });
        }
        return result;
    }
}
