// Java's HttpClient through the proxy. Arguments: proxy host, proxy port, number. Prints a line for each.
import java.net.InetSocketAddress;
import java.net.ProxySelector;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.WebSocket;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;

public class Client {
    public static void main(String[] arguments) throws Exception {
        var proxy = new InetSocketAddress(arguments[0], Integer.parseInt(arguments[1]));
        var cpr = arguments[2];
        for (var version : new HttpClient.Version[] {HttpClient.Version.HTTP_1_1, HttpClient.Version.HTTP_2}) {
            var client = HttpClient.newBuilder().proxy(ProxySelector.of(proxy)).version(version).build();
            var request = HttpRequest.newBuilder(URI.create("https://site.test/echo?cpr=" + cpr))
                .timeout(Duration.ofSeconds(30))
                .header("x-cpr", cpr)
                .POST(HttpRequest.BodyPublishers.ofString("body=" + cpr))
                .build();
            var answer = client.send(request, HttpResponse.BodyHandlers.ofString());
            System.out.print(answer.body());
        }
        var said = new CompletableFuture<String>();
        var client = HttpClient.newBuilder().proxy(ProxySelector.of(proxy)).build();
        var socket = client.newWebSocketBuilder()
            .buildAsync(URI.create("wss://site.test/socket"), new WebSocket.Listener() {
                @Override
                public CompletionStage<?> onText(WebSocket socket, CharSequence text, boolean last) {
                    said.complete(text.toString());
                    return null;
                }
            })
            .get(30, TimeUnit.SECONDS);
        socket.sendText("java says " + cpr, true);
        System.out.println("{\"socket\":\"" + said.get(30, TimeUnit.SECONDS) + "\"}");
        socket.sendClose(WebSocket.NORMAL_CLOSURE, "").get(30, TimeUnit.SECONDS);
        System.exit(0);
    }
}
